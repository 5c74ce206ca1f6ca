"""Everything that dicomweb-client can ask for, and what OHIF asks for."""

import io
import json
import urllib.error
import urllib.parse
import urllib.request
import zipfile

import numpy
import pydicom
import pytest
from conftest import part_of, uids
from pydicom.dataset import Dataset

EXPLICIT = "1.2.840.10008.1.2.1"
HTJ2K = "1.2.840.10008.1.2.4.202"

# In every family of transfer syntaxes that pydicom can read with what stands in requirements.txt.
SAMPLES = [
    "CT_small.dcm",
    "MR_small_RLE.dcm",
    "MR_small_bigendian.dcm",
    "MR_small_implicit.dcm",
    "MR_small_jp2klossless.dcm",
    "JPEG2000.dcm",
    "image_dfl.dcm",
    "examples_palette.dcm",
    "test-SR.dcm",
]

# What describes the encoding and not the object.
ENCODING = {
    "PixelData",
    "PhotometricInterpretation",
    "PlanarConfiguration",
    "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
    "LossyImageCompression",
}


def described(dataset):
    return {
        element.tag: str(element.value)
        for element in dataset
        if element.keyword not in ENCODING and element.tag.element != 0
    }


@pytest.fixture
def stored(client, fresh):
    def store(name):
        sent = fresh(name)
        answer = client.store_instances([sent])
        assert "FailedSOPSequence" not in answer, answer
        return sent

    return store


@pytest.mark.parametrize("name", SAMPLES)
def test_the_default_is_explicit_little_endian_and_the_same_object(client, stored, name):
    sent = stored(name)
    study, series, instance = uids(sent)
    default = [("application/dicom", EXPLICIT)]
    for media_types in (["application/dicom"], default):
        back = client.retrieve_instance(study, series, instance, media_types=media_types)
        assert back.file_meta.TransferSyntaxUID == EXPLICIT
        assert described(back) == described(sent)
        if "PixelData" in sent and sent.file_meta.TransferSyntaxUID != "1.2.840.10008.1.2.4.91":
            assert numpy.array_equal(back.pixel_array, sent.pixel_array)
    [of_series] = client.retrieve_series(study, series, media_types=default)
    [of_study] = client.retrieve_study(study, media_types=default)
    assert of_series == of_study == back


def test_what_is_named_any_comes_as_it_was_sent(client, stored):
    sent = stored("MR_small_RLE.dcm")
    study, series, _ = uids(sent)
    any_syntax = [("application/dicom", "*")]
    assert list(client.iter_series(study, series, media_types=any_syntax)) == [sent]
    assert list(client.iter_study(study, media_types=any_syntax)) == [sent]


@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small_RLE.dcm"])
def test_lossless_htj2k_holds_the_same_samples(get, stored, name):
    sent = stored(name)
    study, series, instance = uids(sent)
    accept = f'multipart/related; type="application/dicom"; transfer-syntax={HTJ2K}'
    kind, part = part_of(*get(f"/studies/{study}/series/{series}/instances/{instance}", accept))
    assert HTJ2K in kind
    back = pydicom.dcmread(io.BytesIO(part))
    assert back.file_meta.TransferSyntaxUID == HTJ2K
    assert numpy.array_equal(back.pixel_array, sent.pixel_array)


def test_frames_come_one_by_one_and_in_every_form(client, stored):
    sent = stored("MR_small_RLE.dcm")
    octets = [("application/octet-stream", EXPLICIT)]
    [samples] = client.retrieve_instance_frames(*uids(sent), [1], media_types=octets)
    [streamed] = client.iter_instance_frames(*uids(sent), [1], media_types=octets)
    assert samples == streamed == sent.pixel_array.tobytes()
    [packed] = client.retrieve_instance_frames(
        *uids(sent), [1], media_types=[("image/dicom-rle", "1.2.840.10008.1.2.5")]
    )
    assert packed[:4] == b"\x02\0\0\0"
    assert client.retrieve_instance_frames(*uids(sent), [1])[0] == samples


def test_pictures_have_the_size_and_the_window_that_are_asked_for(client, stored):
    sent = stored("CT_small.dcm")
    study, series, _ = uids(sent)
    png = client.retrieve_instance_rendered(
        *uids(sent), media_types=["image/png"], params={"viewport": "64,32", "window": "40,400,linear"}
    )
    assert png[:8] == b"\x89PNG\r\n\x1a\n" and png[16:24] == b"\0\0\0\x20\0\0\0\x20"
    assert client.retrieve_instance_rendered(*uids(sent), media_types=["image/jpeg"])[:2] == b"\xff\xd8"
    assert client.retrieve_instance_frames_rendered(*uids(sent), [1], media_types=["image/png"])[:4] == b"\x89PNG"


def test_frames_in_a_row_are_an_animation(client, stored):
    sent = stored("examples_ybr_color.dcm")
    animation = client.retrieve_instance_rendered(*uids(sent), media_types=["image/gif"])
    assert animation[:6] == b"GIF89a"


def test_bulk_data_is_what_the_metadata_names(client, demo, stored):
    sent = stored("CT_small.dcm")
    metadata = client.retrieve_instance_metadata(*uids(sent))
    url = metadata["7FE00010"]["BulkDataURI"]
    [whole] = client.retrieve_bulkdata(url)
    assert whole == sent.PixelData
    assert list(client.iter_bulkdata(url)) == [whole]
    request = urllib.request.Request(
        url,
        headers={
            "Authorization": f"Bearer {demo['api_key']}",
            "Accept": "application/octet-stream",
            "Range": "bytes=1000-1999",
        },
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 206
        assert answer.headers["Content-Range"] == f"bytes 1000-1999/{len(whole)}"
        assert answer.read() == whole[1000:2000]


def test_an_archive_opens_and_holds_what_was_sent(get, stored):
    sent = stored("MR_small_RLE.dcm")
    for accept, syntax in (("application/zip; transfer-syntax=*", sent.file_meta.TransferSyntaxUID), ("application/zip", EXPLICIT)):
        body, kind = get(f"/studies/{sent.StudyInstanceUID}", accept)
        assert kind == "application/zip"
        archive = zipfile.ZipFile(io.BytesIO(body))
        assert archive.testzip() is None
        [name] = archive.namelist()
        assert name.endswith("-MR/IM00001.dcm")
        inside = pydicom.dcmread(io.BytesIO(archive.read(name)))
        assert inside.SOPInstanceUID == sent.SOPInstanceUID
        assert inside.file_meta.TransferSyntaxUID == syntax


def test_the_uri_service_gives_the_object_and_its_picture(demo, get, stored):
    sent = stored("CT_small.dcm")
    study, series, instance = uids(sent)
    asked = {"requestType": "WADO", "studyUID": study, "seriesUID": series, "objectUID": instance}
    body, kind = get("/wado?" + urllib.parse.urlencode(asked), "*/*")
    assert kind == "image/jpeg" and body[:2] == b"\xff\xd8"
    body, kind = get("/wado?" + urllib.parse.urlencode(asked | {"contentType": "application/dicom"}), "*/*")
    assert kind.startswith("application/dicom") and pydicom.dcmread(io.BytesIO(body)) == sent


def test_ohif_opens_a_study(demo, phantoms):
    """The requests of its DicomWebDataSource, as a page of another origin makes them."""
    origin = demo["viewer_origin"]

    def ask(path, accept, method="GET", **headers):
        request = urllib.request.Request(
            demo["dicomweb_url"] + path,
            method=method,
            headers={"Authorization": f"Bearer {demo['api_key']}", "Origin": origin, "Accept": accept, **headers},
        )
        with urllib.request.urlopen(request) as answer:
            assert answer.headers["Access-Control-Allow-Origin"] == origin
            return answer.status, answer.headers, answer.read()

    asks_for = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    status, headers, _ = ask("/studies", "*/*", method="OPTIONS", **asks_for)
    assert status == 204 and "authorization" in headers["Access-Control-Allow-Headers"].lower()
    listed = "/studies?limit=101&offset=0&fuzzymatching=true&includefield=00081030,00080060,00080090"
    studies = json.loads(ask(listed, "application/dicom+json")[2])
    assert len(studies) >= len(phantoms)
    head = next(study for study in map(Dataset.from_json, studies) if "CT" in str(study.get("ModalitiesInStudy", "")))
    study = f"/studies/{head.StudyInstanceUID}"
    series = json.loads(ask(f"{study}/series", "application/dicom+json")[2])
    assert series
    metadata = json.loads(ask(f"{study}/series/{series[0]['0020000E']['Value'][0]}/metadata", "application/dicom+json")[2])
    instance = f"{study}/series/{series[0]['0020000E']['Value'][0]}/instances/{metadata[0]['00080018']['Value'][0]}"
    frames = "multipart/related; type=application/octet-stream; transfer-syntax=*"
    for path, accept in (
        (f"{instance}/frames/1", frames),
        (f"{instance}/rendered?accept=image/jpeg", "*/*"),
        (f"{instance}/thumbnail?accept=image/jpeg", "*/*"),
        (f"{study}/series/{series[0]['0020000E']['Value'][0]}/rendered", 'multipart/related; type="image/jpeg"'),
    ):
        status, headers, body = ask(path, accept)
        assert status == 200 and body, path


def test_pages_of_other_origins_get_no_say(demo):
    request = urllib.request.Request(
        demo["dicomweb_url"] + "/studies",
        headers={"Authorization": f"Bearer {demo['api_key']}", "Origin": "https://elsewhere.example"},
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] is None


def test_what_is_not_to_be_had_is_not_acceptable(get, stored):
    sent = stored("CT_small.dcm")
    study, series, instance = uids(sent)
    with pytest.raises(urllib.error.HTTPError) as refused:
        get(
            f"/studies/{study}/series/{series}/instances/{instance}",
            'multipart/related; type="application/dicom"; transfer-syntax=1.2.840.10008.1.2.4.50',
        )
    assert refused.value.code == 406
