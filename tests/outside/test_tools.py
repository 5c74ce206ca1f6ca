"""DCMTK and an independent JPEG 2000 decoder on what comes back."""

import subprocess
import time

import numpy
import pydicom
import pytest
from conftest import part_of, uids
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate


@pytest.mark.parametrize("name", ["CT_small.dcm", "JPEG2000.dcm", "test-SR.dcm"])
def test_dcmdump_reads_what_comes_back(client, get, fresh, tmp_path, name):
    sent = fresh(name)
    client.store_instances([sent])
    study, series, instance = uids(sent)
    body, content_type = get(
        f"/studies/{study}/series/{series}/instances/{instance}",
        'multipart/related; type="application/dicom"; transfer-syntax=*',
    )
    file = tmp_path / "back.dcm"
    file.write_bytes(part_of(body, content_type)[1])
    dump = subprocess.run(["dcmdump", "+E", str(file)], capture_output=True, check=True)
    assert instance.encode() in dump.stdout


def test_the_viewing_rendition_decodes_to_the_very_same_samples(client, get, phantoms):
    head = next(study for study in map(Dataset.from_json, phantoms) if "CT" in str(study.ModalitiesInStudy))
    instance = Dataset.from_json(client.search_for_instances(head.StudyInstanceUID)[0])
    study, series, uid = head.StudyInstanceUID, instance.SeriesInstanceUID, instance.SOPInstanceUID
    original = client.retrieve_instance(study, series, uid)
    path = f"/studies/{study}/series/{series}/instances/{uid}/frames/1"
    accept = 'multipart/related; type="application/octet-stream"; transfer-syntax=*'
    for _ in range(240):
        kind, frame = part_of(*get(path, accept))
        if "1.2.840.10008.1.2.4.202" in kind:
            break
        time.sleep(0.5)
    assert "1.2.840.10008.1.2.4.202" in kind, kind
    rendition = pydicom.Dataset()
    rendition.update({element.tag: element for element in original if element.keyword != "PixelData"})
    rendition.file_meta = pydicom.dataset.FileMetaDataset()
    rendition.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.202"
    rendition.PixelData = encapsulate([frame])
    rendition["PixelData"].VR = "OB"
    assert numpy.array_equal(rendition.pixel_array, original.pixel_array)
