"""DCMTK and pynetdicom as the other side of associations, against the running demo."""

import hashlib
import os
import ssl
import subprocess
import threading
import time
from pathlib import Path

import pydicom
import pytest
from conftest import uids
from pydicom.dataset import Dataset
from pydicom.uid import (
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEG2000,
    JPEGBaseline8Bit,
    RLELossless,
    generate_uid,
)
from pynetdicom import AE, StoragePresentationContexts, build_role, evt
from pynetdicom.sop_class import (
    CTImageStorage,
    PatientRootQueryRetrieveInformationModelFind,
    StorageCommitmentPushModel,
    StorageCommitmentPushModelInstance,
    StudyRootQueryRetrieveInformationModelFind,
    StudyRootQueryRetrieveInformationModelGet,
    StudyRootQueryRetrieveInformationModelMove,
    Verification,
)


@pytest.fixture(scope="session")
def peer(demo):
    return demo["dimse"]["host"], demo["dimse"]["port"], demo["dimse"]["aet"]


@pytest.fixture(scope="session")
def dcmtk(peer):
    """Runs a client of DCMTK against the demo and gives what it printed."""
    host, port, title = peer

    def run(tool, *arguments, check=True):
        command = [tool, "-v", "-aec", title, *arguments[:-1], host, str(port), *arguments[-1]]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr

    return run


@pytest.fixture
def associate(peer):
    """Associates by pynetdicom; what is open at the end is released."""
    host, port, title = peer
    opened = []

    def make(contexts, handlers=(), roles=(), calling="PYNETDICOM"):
        entity = AE(ae_title=calling)
        for context in contexts:
            entity.add_requested_context(*context if isinstance(context, tuple) else (context,))
        association = entity.associate(
            host, port, ae_title=title, evt_handlers=list(handlers), ext_neg=list(roles)
        )
        assert association.is_established
        opened.append(association)
        return association

    yield make
    for association in opened:
        if association.is_established:
            association.release()


@pytest.fixture
def stored(associate, fresh):
    """A study of three images that came by C-STORE."""
    images = []
    for number in range(3):
        image = fresh("CT_small.dcm")
        if images:
            image.StudyInstanceUID, image.SeriesInstanceUID = uids(images[0])[:2]
        image.InstanceNumber = number + 1
        images.append(image)
    association = associate([(CTImageStorage, ExplicitVRLittleEndian)])
    for image in images:
        assert association.send_c_store(image).Status == 0x0000
    association.release()
    return images


def study_of(images, level="STUDY"):
    question = Dataset()
    question.QueryRetrieveLevel = level
    question.StudyInstanceUID = images[0].StudyInstanceUID
    return question


def test_echo(dcmtk, associate):
    dcmtk("echoscu", [])
    assert associate([Verification]).send_c_echo().Status == 0x0000


@pytest.mark.parametrize(
    ("name", "proposed"),
    [
        ("CT_small.dcm", "-xe"),
        ("CT_small.dcm", "-xi"),
        ("JPEG2000.dcm", "-xw"),
        ("SC_rgb_jpeg_dcmtk.dcm", "-xy"),
        ("MR_small_RLE.dcm", "-xr"),
        ("test-SR.dcm", "-xe"),
    ],
)
def test_dcmtk_stores_in_every_syntax_and_what_it_sent_comes_back(dcmtk, client, fresh, tmp_path, name, proposed):
    image = fresh(name)
    file = tmp_path / "image.dcm"
    image.save_as(file, enforce_file_format=True)
    dcmtk("storescu", proposed, [str(file)])
    back = client.retrieve_instance(*uids(image))
    expected = image.file_meta.TransferSyntaxUID
    if proposed == "-xi":
        expected = ImplicitVRLittleEndian
    assert back.file_meta.TransferSyntaxUID == expected
    assert back.file_meta.SourceApplicationEntityTitle == "STORESCU"
    assert back.get("PixelData") == image.get("PixelData")
    assert back.SOPInstanceUID == image.SOPInstanceUID


def test_the_same_data_set_by_another_sender_or_by_stow_is_the_same_image(associate, client, fresh):
    image = fresh("CT_small.dcm")

    def stored_by(title):
        association = associate([(CTImageStorage, ExplicitVRLittleEndian)], calling=title)
        return association.send_c_store(image).Status

    assert stored_by("FIRST") == stored_by("SECOND") == 0x0000
    client.store_instances([image])
    assert client.retrieve_instance(*uids(image)).file_meta.SourceApplicationEntityTitle == "FIRST"
    image.PatientComments = "another image"
    assert stored_by("FIRST") == 0x0111


def test_find_at_every_level(dcmtk, associate, stored):
    first = stored[0]
    association = associate(
        [StudyRootQueryRetrieveInformationModelFind, PatientRootQueryRetrieveInformationModelFind]
    )

    def found(question, model=StudyRootQueryRetrieveInformationModelFind):
        answers = list(association.send_c_find(question, model))
        assert answers[-1][0].Status == 0x0000, answers[-1]
        assert all(status.Status in (0xFF00, 0xFF01) for status, _ in answers[:-1])
        return [identifier for _, identifier in answers[:-1]]

    question = study_of(stored)
    question.PatientName = "*"
    question.ModalitiesInStudy = ""
    question.NumberOfStudyRelatedInstances = ""
    question.PatientComments = ""
    [study] = found(question)
    assert study.PatientName == first.PatientName
    assert study.ModalitiesInStudy == "CT"
    assert study.NumberOfStudyRelatedInstances == 3
    assert study.PatientComments == ""
    assert study.QueryRetrieveLevel == "STUDY"

    question = study_of(stored, "SERIES")
    question.SeriesInstanceUID = ""
    question.Modality = "CT"
    [series] = found(question)
    assert series.SeriesInstanceUID == first.SeriesInstanceUID

    question = study_of(stored, "IMAGE")
    question.SeriesInstanceUID = first.SeriesInstanceUID
    question.SOPInstanceUID = ""
    question.InstanceNumber = ""
    images = found(question)
    assert {image.SOPInstanceUID for image in images} == {image.SOPInstanceUID for image in stored}

    question = Dataset()
    question.QueryRetrieveLevel = "PATIENT"
    question.PatientID = first.PatientID
    question.PatientName = ""
    [patient] = found(question, PatientRootQueryRetrieveInformationModelFind)
    assert patient.PatientName == first.PatientName

    nobody = study_of(stored)
    nobody.StudyInstanceUID = generate_uid()
    assert not found(nobody)

    said = dcmtk(
        "findscu", "-S", "-k", "QueryRetrieveLevel=STUDY", "-k", f"StudyInstanceUID={first.StudyInstanceUID}", []
    )
    assert str(first.StudyInstanceUID) in said


def test_a_find_ends_when_it_is_cancelled(associate, phantoms):
    association = associate([StudyRootQueryRetrieveInformationModelFind])
    question = Dataset()
    question.QueryRetrieveLevel = "IMAGE"
    question.SOPInstanceUID = ""
    answers = association.send_c_find(question, StudyRootQueryRetrieveInformationModelFind, msg_id=7)
    count = 0
    for status, _ in answers:
        if count == 0:
            association.send_c_cancel(7, query_model=StudyRootQueryRetrieveInformationModelFind)
        count += 1
    assert status.Status in (0xFE00, 0x0000)
    assert associate([Verification]).send_c_echo().Status == 0x0000


def test_get_sends_the_images_here_in_the_syntax_they_are_stored_in(dcmtk, associate, client, fresh, stored, tmp_path):
    received = []

    def take(event):
        image = event.dataset
        image.file_meta = event.file_meta
        received.append(image)
        return 0x0000

    association = associate(
        [StudyRootQueryRetrieveInformationModelGet, (CTImageStorage, ExplicitVRLittleEndian)],
        handlers=[(evt.EVT_C_STORE, take)],
        roles=[build_role(CTImageStorage, scp_role=True)],
    )
    answers = list(association.send_c_get(study_of(stored), StudyRootQueryRetrieveInformationModelGet))
    last = answers[-1][0]
    assert (last.Status, last.NumberOfCompletedSuboperations) == (0x0000, 3)
    assert {image.SOPInstanceUID for image in received} == {image.SOPInstanceUID for image in stored}
    assert received[0].PixelData == stored[0].PixelData

    # Somebody who takes the default transfer syntax only.
    received.clear()
    association = associate(
        [StudyRootQueryRetrieveInformationModelGet, (CTImageStorage, ImplicitVRLittleEndian)],
        handlers=[(evt.EVT_C_STORE, take)],
        roles=[build_role(CTImageStorage, scp_role=True)],
    )
    answers = list(association.send_c_get(study_of(stored), StudyRootQueryRetrieveInformationModelGet))
    assert answers[-1][0].Status == 0x0000
    by_uid = {image.SOPInstanceUID: image for image in stored}
    for image in received:
        assert image.file_meta.TransferSyntaxUID == ImplicitVRLittleEndian
        assert image.PixelData == by_uid[image.SOPInstanceUID].PixelData
        assert image.PatientName == by_uid[image.SOPInstanceUID].PatientName
    assert len(received) == 3

    # Somebody who takes it in no syntax that it has.
    lossy = fresh("SC_rgb_jpeg_dcmtk.dcm")
    client.store_instances([lossy])
    association = associate(
        [StudyRootQueryRetrieveInformationModelGet, (lossy.SOPClassUID, RLELossless)],
        handlers=[(evt.EVT_C_STORE, take)],
        roles=[build_role(lossy.SOPClassUID, scp_role=True)],
    )
    answers = list(association.send_c_get(study_of([lossy]), StudyRootQueryRetrieveInformationModelGet))
    last, failed = answers[-1]
    assert (last.Status, last.NumberOfFailedSuboperations) == (0xA702, 1)
    assert failed.FailedSOPInstanceUIDList == lossy.SOPInstanceUID

    dcmtk(
        "getscu", "-S", "-od", str(tmp_path), "-k", "QueryRetrieveLevel=STUDY",
        "-k", f"StudyInstanceUID={stored[0].StudyInstanceUID}", [],
    )
    files = [pydicom.dcmread(file) for file in tmp_path.iterdir()]
    assert {file.SOPInstanceUID for file in files} == {image.SOPInstanceUID for image in stored}


@pytest.fixture
def receiver(demo, graphql, free_port):
    """A storage SCP of pynetdicom that the demo knows as a node."""
    received, started = [], threading.Event()

    def take(event):
        received.append(event.dataset.SOPInstanceUID)
        started.set()
        return 0x0000

    entity = AE(ae_title="RECEIVER")
    for context in StoragePresentationContexts:
        entity.add_supported_context(
            context.abstract_syntax, [ExplicitVRLittleEndian, ImplicitVRLittleEndian, JPEGBaseline8Bit, JPEG2000]
        )
    entity.add_supported_context(StorageCommitmentPushModel, scu_role=True, scp_role=True)
    server = entity.start_server(("127.0.0.1", free_port), block=False, evt_handlers=[(evt.EVT_C_STORE, take)])
    facility = graphql("{ facilities { id code } }")["facilities"]
    lake = next(facility["id"] for facility in facility if facility["code"] == "LAKE")
    node = graphql(
        "mutation($input: DicomNodeInput!) { addDicomNode(input: $input) { id } }",
        {
            "input": {
                "facilityId": lake,
                "name": f"Receiver {free_port}",
                "calledTitle": demo["dimse"]["aet"],
                "peerTitle": "RECEIVER",
                "host": "127.0.0.1",
                "port": free_port,
                "rights": [],
            }
        },
    )["addDicomNode"]["id"]
    yield received
    graphql("mutation($id: ID!) { removeDicomNode(input: { nodeId: $id }) { nodeId } }", {"id": node})
    server.shutdown()


def test_move_sends_to_a_known_node_and_to_nobody_else(dcmtk, associate, receiver, stored):
    association = associate([StudyRootQueryRetrieveInformationModelMove])
    answers = list(
        association.send_c_move(study_of(stored), "RECEIVER", StudyRootQueryRetrieveInformationModelMove)
    )
    last = answers[-1][0]
    assert (last.Status, last.NumberOfCompletedSuboperations) == (0x0000, 3)
    assert answers[0][0].NumberOfRemainingSuboperations == 2
    assert sorted(receiver) == sorted(image.SOPInstanceUID for image in stored)
    answers = list(association.send_c_move(study_of(stored), "NOBODY", StudyRootQueryRetrieveInformationModelMove))
    assert answers[-1][0].Status == 0xA801
    dcmtk(
        "movescu", "-S", "-aem", "RECEIVER", "-k", "QueryRetrieveLevel=STUDY",
        "-k", f"StudyInstanceUID={stored[0].StudyInstanceUID}", [],
    )
    assert len(receiver) == 6


def test_commitment_says_what_is_kept_and_what_is_not(associate, stored):
    reports, arrived = [], threading.Event()

    def take(event):
        reports.append((event.event_type, event.event_information))
        arrived.set()
        return 0x0000, None

    association = associate([StorageCommitmentPushModel], handlers=[(evt.EVT_N_EVENT_REPORT, take)])

    def ask(references):
        request = Dataset()
        request.TransactionUID = generate_uid()
        request.ReferencedSOPSequence = []
        for sop_class, instance in references:
            item = Dataset()
            item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = sop_class, instance
            request.ReferencedSOPSequence.append(item)
        arrived.clear()
        status, _ = association.send_n_action(
            request, 1, StorageCommitmentPushModel, StorageCommitmentPushModelInstance
        )
        assert status.Status == 0x0000
        assert arrived.wait(30)
        kind, report = reports[-1]
        assert report.TransactionUID == request.TransactionUID
        return kind, report

    kept = [(image.SOPClassUID, image.SOPInstanceUID) for image in stored]
    kind, report = ask(kept)
    assert kind == 1
    assert len(report.ReferencedSOPSequence) == 3
    absent = generate_uid()
    kind, report = ask([*kept, (CTImageStorage, absent), ("1.2.840.10008.5.1.4.1.1.4", kept[0][1])])
    assert kind == 2
    assert len(report.ReferencedSOPSequence) == 3
    failed = {item.ReferencedSOPInstanceUID: item.FailureReason for item in report.FailedSOPSequence}
    assert failed == {absent: 0x0112, kept[0][1]: 0x0119}


@pytest.fixture(scope="session")
def encrypted(demo):
    """The port that takes associations encrypted, and the folder of certificates."""
    folder = Path(os.environ["TELERAD_TLS_DIR"])
    address = Path(os.environ["TELERAD_DEMO"]).with_name("dimse-tls-address").read_text(encoding="utf-8")
    return int(address.strip().rsplit(":", 1)[1]), folder


@pytest.fixture
def node(graphql):
    """Adds nodes, and removes them at the end."""
    added = []

    def add(**fields):
        lake = next(one["id"] for one in graphql("{ facilities { id code } }")["facilities"] if one["code"] == "LAKE")
        document = "mutation($input: DicomNodeInput!) { addDicomNode(input: $input) { id } }"
        made = graphql(document, {"input": {"facilityId": lake, "rights": ["STORE"], **fields}})
        added.append(made["addDicomNode"]["id"])
        return added[-1]

    yield add
    for one in added:
        graphql("mutation($id: ID!) { removeDicomNode(input: { nodeId: $id }) { nodeId } }", {"id": one})


@pytest.mark.parametrize("version", ["TLSv1_2", "TLSv1_3"])
def test_tls_lets_in_whose_certificate_is_known(encrypted, node, version):
    port, folder = encrypted
    certificate = ssl.PEM_cert_to_DER_cert((folder / "client.pem").read_text(encoding="utf-8"))
    title = f"PINNED{version[-1]}"
    node(
        name=title, calledTitle="SECURE", peerTitle=title, requiresTls=True,
        certificates=[hashlib.sha256(certificate).hexdigest()],
    )

    def established(name):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
        context.load_verify_locations(folder / "server.pem")
        context.check_hostname = False
        if name:
            context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
        entity = AE(ae_title=title)
        entity.add_requested_context(Verification)
        association = entity.associate("127.0.0.1", port, ae_title="SECURE", tls_args=(context, "localhost"))
        answered = association.is_established and association.send_c_echo().Status == 0x0000
        if association.is_established:
            association.release()
        return answered

    assert established("client")
    assert not established("stranger")
    assert not established(None)


def test_dcmtk_stores_over_tls(encrypted, peer, client, fresh, tmp_path):
    port, folder = encrypted
    image = fresh("CT_small.dcm")
    file = tmp_path / "image.dcm"
    image.save_as(file, enforce_file_format=True)
    secure = ["+tls", str(folder / "client.key"), str(folder / "client.pem"), "+cf", str(folder / "server.pem")]
    done = subprocess.run(
        ["storescu", "-v", *secure, "-aec", peer[2], "127.0.0.1", str(port), str(file)],
        capture_output=True, text=True, timeout=60, check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert client.retrieve_instance(*uids(image)).PixelData == image.PixelData


def finished(graphql, job):
    for _ in range(300):
        for one in graphql("{ jobs { nodes { id state lastError } } }")["jobs"]["nodes"]:
            if one["id"] == job and one["state"] in ("DONE", "DEAD"):
                return one
        time.sleep(0.2)
    raise AssertionError("the job did not finish")


def test_a_node_that_listens_hears_of_its_commitment_on_an_association_of_ours(graphql, node, peer, stored, free_port):
    reports, arrived = [], threading.Event()

    def take(event):
        reports.append((event.event_type, event.event_information))
        arrived.set()
        return 0x0000, None

    entity = AE(ae_title="LISTENER")
    entity.add_supported_context(StorageCommitmentPushModel, scu_role=True, scp_role=True)
    server = entity.start_server(("127.0.0.1", free_port), block=False, evt_handlers=[(evt.EVT_N_EVENT_REPORT, take)])
    node(
        name="Listener", calledTitle=peer[2], peerTitle="LISTENER", host="127.0.0.1", port=free_port, rights=["COMMIT"]
    )
    asking = AE(ae_title="LISTENER")
    asking.add_requested_context(StorageCommitmentPushModel)
    association = asking.associate(peer[0], peer[1], ae_title=peer[2])
    request = Dataset()
    request.TransactionUID = generate_uid()
    item = Dataset()
    item.ReferencedSOPClassUID, item.ReferencedSOPInstanceUID = stored[0].SOPClassUID, stored[0].SOPInstanceUID
    request.ReferencedSOPSequence = [item]
    status, _ = association.send_n_action(request, 1, StorageCommitmentPushModel, StorageCommitmentPushModelInstance)
    association.release()
    assert status.Status == 0x0000
    assert arrived.wait(30)
    server.shutdown()
    kind, report = reports[0]
    assert (kind, report.TransactionUID) == (1, request.TransactionUID)


def test_a_study_is_sent_found_and_fetched(graphql, node, peer, client, fresh, receiver, stored, free_port):
    """The other archive is DCMTK's dcmqrscp in spirit: a pynetdicom server with one study."""
    prior = fresh("CT_small.dcm")

    def find(event):
        if event.identifier.PatientID == prior.PatientID:
            answer = Dataset()
            answer.QueryRetrieveLevel = "STUDY"
            answer.StudyInstanceUID = prior.StudyInstanceUID
            answer.PatientID = prior.PatientID
            answer.PatientName = prior.PatientName
            answer.ModalitiesInStudy = ["CT", "SR"]
            yield 0xFF00, answer

    def get(event):
        yield 1
        yield 0xFF00, prior

    entity = AE(ae_title="PRIORS")
    entity.add_supported_context(Verification)
    entity.add_supported_context(StudyRootQueryRetrieveInformationModelFind)
    entity.add_supported_context(StudyRootQueryRetrieveInformationModelGet)
    entity.add_supported_context(CTImageStorage, [ExplicitVRLittleEndian], scu_role=True, scp_role=True)
    handlers = [(evt.EVT_C_FIND, find), (evt.EVT_C_GET, get)]
    server = entity.start_server(("127.0.0.1", 0), block=False, evt_handlers=handlers)
    port = server.socket.getsockname()[1]
    priors = node(name="Priors", calledTitle=peer[2], peerTitle="PRIORS", host="127.0.0.1", port=port)

    verify = "mutation($id: ID!) { verifyDicomNode(input: { nodeId: $id }) { answered problem } }"
    assert graphql(verify, {"id": priors})["verifyDicomNode"]["answered"]
    question = "query($input: PeerStudiesInput!) { peerStudies(input: $input) { studyInstanceUid modalities } }"
    [found] = graphql(question, {"input": {"nodeId": priors, "patientId": prior.PatientID}})["peerStudies"]
    assert found == {"studyInstanceUid": prior.StudyInstanceUID, "modalities": ["CT", "SR"]}
    fetch = "mutation($input: FetchStudyInput!) { fetchStudy(input: $input) { jobId } }"
    asked = graphql(fetch, {"input": {"nodeId": priors, "studyInstanceUid": prior.StudyInstanceUID}})
    assert finished(graphql, asked["fetchStudy"]["jobId"])["state"] == "DONE"
    back = client.retrieve_instance(*uids(prior))
    assert back.PixelData == prior.PixelData
    assert back.file_meta.SourceApplicationEntityTitle == "PRIORS"
    server.shutdown()

    nodes = graphql("{ dicomNodes { id peerTitle } }")["dicomNodes"]
    target = next(one["id"] for one in nodes if one["peerTitle"] == "RECEIVER")
    cases = graphql("{ worklist(filter: {}) { nodes { study { id studyInstanceUid } } } }")["worklist"]["nodes"]
    study = next(
        one["study"]["id"] for one in cases if one["study"]["studyInstanceUid"] == stored[0].StudyInstanceUID
    )
    send = "mutation($input: SendStudyInput!) { sendStudy(input: $input) { jobId } }"
    asked = graphql(send, {"input": {"studyId": study, "nodeId": target}})
    assert finished(graphql, asked["sendStudy"]["jobId"])["state"] == "DONE"
    assert sorted(receiver) == sorted(image.SOPInstanceUID for image in stored)
