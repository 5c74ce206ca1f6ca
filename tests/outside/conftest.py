"""The running demo, as `demo.json` describes it, and files to send to it."""

import json
import os
import socket
import time
import urllib.request
from email.parser import BytesParser

import pydicom
import pytest
from dicomweb_client.api import DICOMwebClient
from pydicom.data import get_charset_files, get_testdata_file
from pydicom.uid import generate_uid


@pytest.fixture(scope="session")
def demo():
    with open(os.environ["TELERAD_DEMO"], encoding="utf-8") as file:
        return json.load(file) | {"viewer_origin": os.environ["TELERAD_ALLOWED_ORIGINS"]}


@pytest.fixture(scope="session")
def client(demo):
    return DICOMwebClient(demo["dicomweb_url"], headers={"Authorization": f"Bearer {demo['api_key']}"})


@pytest.fixture(scope="session")
def get(demo):
    """GET below the DICOMweb address with an Accept header: body and content type."""

    def fetch(path, accept):
        request = urllib.request.Request(
            demo["dicomweb_url"] + path,
            headers={"Authorization": f"Bearer {demo['api_key']}", "Accept": accept},
        )
        with urllib.request.urlopen(request) as answer:
            return answer.read(), answer.headers["Content-Type"]

    return fetch


@pytest.fixture(scope="session")
def phantoms(client):
    """The demo's own studies, once all of them have arrived."""
    for _ in range(300):
        studies = client.search_for_studies()
        if len(studies) >= 4:
            return studies
        time.sleep(0.5)
    raise AssertionError("the demo's studies did not arrive")


@pytest.fixture
def fresh():
    """A pydicom sample file under UIDs of its own."""

    def make(name):
        dataset = pydicom.dcmread(get_testdata_file(name) or get_charset_files(name)[0])
        dataset.StudyInstanceUID = generate_uid()
        dataset.SeriesInstanceUID = generate_uid()
        dataset.SOPInstanceUID = generate_uid()
        dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
        return dataset

    return make


def uids(dataset):
    return dataset.StudyInstanceUID, dataset.SeriesInstanceUID, dataset.SOPInstanceUID


def part_of(body, content_type):
    """The first part of a multipart answer: its content type and bytes."""
    message = BytesParser().parsebytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + body)
    part = message.get_payload(0)
    # The parser decodes lines; the bytes themselves are cut out of the body.
    start = body.index(b"\r\n\r\n") + 4
    end = body.rindex(b"\r\n--")
    return part["Content-Type"], body[start:end]


@pytest.fixture(scope="session")
def graphql(demo):
    """Asks GraphQL as the demo's administrator."""

    def post(path, body, token=None):
        request = urllib.request.Request(
            demo["base_url"] + path,
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {}),
        )
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)

    admin = next(account for account in demo["accounts"] if account["role"] == "TENANT_ADMIN")
    signed_in = post("/auth/sign-in", {"email": admin["email"], "password": admin["password"]})

    def ask(document, variables=None):
        answer = post("/graphql", {"query": document, "variables": variables or {}}, signed_in["access_token"])
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    return ask


@pytest.fixture
def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
