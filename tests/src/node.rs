//! A DICOM application beside the program: what it sends and how it calls.

use std::{fs, io::Cursor};

use anyhow::Context as _;
use dicom::phantom::PhantomInstance;
use dimse::{AeTitle, DataStream, Destination, Item, Limits, Source, Status};
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use crate::{Client, Telerad};

/// An instance, as an application has it.
#[derive(Debug, Clone)]
pub struct Image {
    /// SOP Class UID.
    pub sop_class_uid: String,
    /// SOP Instance UID.
    pub sop_instance_uid: String,
    /// The transfer syntax of its data set.
    pub transfer_syntax_uid: String,
    /// The data set, without file meta.
    pub data_set: Vec<u8>,
}

impl Image {
    /// The instance of a file.
    pub fn of(file: &PhantomInstance) -> anyhow::Result<Self> {
        let length = file.bytes.len() as u64;
        let index = dicom::index_instance(&mut Cursor::new(&file.bytes), length, &dicom::Limits::default())?;
        let offset = usize::try_from(index.meta.dataset_offset)?;
        Ok(Self {
            sop_class_uid: index.attributes.sop_class_uid.to_string(),
            sop_instance_uid: file.sop_instance_uid.clone(),
            transfer_syntax_uid: index.meta.transfer_syntax_uid.to_string(),
            data_set: file.bytes[offset..].to_vec(),
        })
    }
}

impl Item for Image {
    fn sop_class_uid(&self) -> &str {
        &self.sop_class_uid
    }

    fn sop_instance_uid(&self) -> &str {
        &self.sop_instance_uid
    }

    fn transfer_syntaxes(&self) -> Vec<&str> {
        vec![&self.transfer_syntax_uid]
    }
}

/// Hands out the data sets of images.
#[derive(Debug, Clone, Copy)]
pub struct Images;

impl Source for Images {
    type Item = Image;

    async fn open(&self, item: &Image, _transfer_syntax: &str) -> Result<DataStream, Status> {
        let bytes = item.data_set.clone();
        Ok(futures_util::stream::iter([Ok(bytes.into())]).boxed())
    }
}

impl Telerad {
    /// Where DICOM associations are taken, as `host:port`.
    pub fn dimse_address(&self) -> anyhow::Result<String> {
        let address = fs::read_to_string(self.data_dir().join("dimse-address"));
        Ok(address.context("no DICOM listener")?.trim().to_owned())
    }

    /// The program as a peer, called by `called` and told that we are `calling`.
    pub fn as_peer(&self, calling: &str, called: &str) -> anyhow::Result<Destination> {
        let address = self.dimse_address()?;
        let (host, port) = address.rsplit_once(':').context("an address has a port")?;
        Ok(Destination {
            host: host.to_owned(),
            port: port.parse()?,
            tls: None,
            called: AeTitle::parse(called)?,
            calling: AeTitle::parse(calling)?,
            limits: Limits::default(),
            reach: None,
        })
    }
}

impl Client {
    /// Adds a node with every right; `more` overrides or adds fields. Gives its id.
    pub async fn add_node(
        &self,
        facility: &str,
        called: &str,
        peer: &str,
        more: Value,
    ) -> anyhow::Result<String> {
        let mut input = json!({
            "facilityId": facility, "name": format!("{peer} at {called}"), "calledTitle": called, "peerTitle": peer,
            "rights": ["STORE", "FIND", "MOVE", "GET", "COMMIT"],
        });
        if let (Value::Object(input), Value::Object(more)) = (&mut input, more) {
            input.extend(more);
        }
        let add = "mutation($input: DicomNodeInput!) { addDicomNode(input: $input) { id } }";
        let added = self.graphql(add, json!({ "input": input })).await?;
        Ok(added["addDicomNode"]["id"].as_str().context("an id")?.to_owned())
    }
}
