"""dicomweb-client and pydicom: what is stored is found, described and given back."""

import numpy
import pytest
from conftest import part_of, uids
from pydicom.dataset import Dataset

SAMPLES = ["CT_small.dcm", "MR_small.dcm", "JPEG2000.dcm", "rtplan.dcm", "test-SR.dcm", "chrH31.dcm"]


@pytest.mark.parametrize("name", SAMPLES)
def test_an_instance_comes_back_as_it_was_sent(client, fresh, name):
    sent = fresh(name)
    answer = client.store_instances([sent])
    assert answer.ReferencedSOPSequence[0].ReferencedSOPInstanceUID == sent.SOPInstanceUID
    assert "FailedSOPSequence" not in answer
    back = client.retrieve_instance(*uids(sent))
    assert back == sent
    assert back.file_meta.TransferSyntaxUID == sent.file_meta.TransferSyntaxUID


def test_a_study_is_found_by_its_uid_and_patient(client, fresh):
    sent = fresh("CT_small.dcm")
    client.store_instances([sent])
    [found] = client.search_for_studies(search_filters={"StudyInstanceUID": sent.StudyInstanceUID})
    found = Dataset.from_json(found)
    assert found.PatientID == sent.PatientID
    assert found.StudyDate == sent.StudyDate
    assert found.ModalitiesInStudy in (sent.Modality, [sent.Modality])
    assert found.NumberOfStudyRelatedInstances == 1
    [instance] = client.search_for_instances(sent.StudyInstanceUID, sent.SeriesInstanceUID)
    assert Dataset.from_json(instance).SOPInstanceUID == sent.SOPInstanceUID


def test_a_name_is_found_by_its_words_and_further_fields_are_added(client, fresh):
    sent = fresh("CT_small.dcm")
    sent.SpecificCharacterSet = "ISO_IR 192"
    sent.PatientName = "Müller-Čapek^Anna"
    client.store_instances([sent])
    found = client.search_for_instances(
        fuzzymatching=True,
        search_filters={"PatientName": "anna capek mueller", "StudyInstanceUID": sent.StudyInstanceUID},
        fields=["RescaleSlope", "00180050"],
    )
    [instance] = [Dataset.from_json(one) for one in found]
    assert instance.PatientName == sent.PatientName
    assert instance.RescaleSlope == sent.RescaleSlope and instance.SliceThickness == sent.SliceThickness


def test_metadata_says_what_the_file_says(client, fresh):
    sent = fresh("MR_small.dcm")
    client.store_instances([sent])
    [metadata] = client.retrieve_series_metadata(sent.StudyInstanceUID, sent.SeriesInstanceUID)
    described = Dataset.from_json(metadata, bulk_data_uri_handler=lambda *_: None)
    for element in sent:
        if element.VR not in ("OB", "OW", "UN", "SQ") and element.tag in described:
            assert described[element.tag].value == element.value, element.keyword
    assert described.Rows == sent.Rows and described.PatientName == sent.PatientName


def test_frames_are_the_pixels(client, fresh):
    sent = fresh("CT_small.dcm")
    client.store_instances([sent])
    [frame] = client.retrieve_instance_frames(
        *uids(sent), [1], media_types=[("application/octet-stream", "1.2.840.10008.1.2.1")]
    )
    pixels = numpy.frombuffer(frame, dtype="<i2").reshape(sent.Rows, sent.Columns)
    assert numpy.array_equal(pixels, sent.pixel_array)


@pytest.mark.parametrize("name", ["JPEG2000.dcm", "MR_small_RLE.dcm", "MR_small_jp2klossless.dcm"])
def test_frames_of_compressed_files_are_the_pixels_for_who_names_no_syntax(client, get, fresh, name):
    """Explicit VR Little Endian is what PS3.18 §8.7.3.5.2 means by nothing."""
    sent = fresh(name)
    client.store_instances([sent])
    study, series, uid = uids(sent)
    path = f"/studies/{study}/series/{series}/instances/{uid}/frames/1"
    kind, frame = part_of(*get(path, 'multipart/related; type="application/octet-stream"'))
    assert "transfer-syntax=1.2.840.10008.1.2.1" == kind.split("; ")[1]
    pixels = numpy.frombuffer(frame, dtype=sent.pixel_array.dtype).reshape(sent.pixel_array.shape)
    # Decoders of lossy JPEG may round differently.
    assert numpy.abs(pixels.astype(int) - sent.pixel_array.astype(int)).max() <= 1


def test_a_rendered_frame_is_a_picture(client, fresh):
    sent = fresh("CT_small.dcm")
    client.store_instances([sent])
    picture = client.retrieve_instance_frames_rendered(*uids(sent), [1], media_types=["image/jpeg"])
    assert picture[:3] == b"\xff\xd8\xff"


def test_the_demo_holds_four_studies_of_four_modalities(phantoms):
    studies = [Dataset.from_json(study) for study in phantoms]
    modalities = {str(study.ModalitiesInStudy) for study in studies}
    assert len(modalities) >= 4
