//! Orthanc with its DICOMweb plugin, as Debian packages it, on a folder and ports of its own.

use std::{
    fs::{self, File},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail};
use tempfile::TempDir;

use crate::{
    process::{free_port, is_installed},
    side::Side,
};

const PLUGIN: &str = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so";
const PATIENCE: Duration = Duration::from_secs(30);

/// A running Orthanc; it is killed and its data removed when this is dropped.
#[derive(Debug)]
pub struct Orthanc {
    folder: TempDir,
    process: Child,
    http_port: u16,
    /// Where it takes DIMSE.
    pub dimse_port: u16,
}

impl Orthanc {
    /// Starts it; none where it is not installed.
    pub async fn start() -> anyhow::Result<Option<Self>> {
        if !is_installed("Orthanc") || !fs::exists(PLUGIN)? {
            println!("Orthanc and its DICOMweb plugin are not installed: nothing to compare with");
            return Ok(None);
        }
        let folder = TempDir::with_prefix("orthanc-")?;
        let (http_port, dimse_port) = (free_port()?, free_port()?);
        let data = folder.path().join("data");
        let configuration = serde_json::json!({
            "Name": "bench",
            "StorageDirectory": data,
            "IndexDirectory": data,
            "HttpPort": http_port,
            "DicomPort": dimse_port,
            "RemoteAccessAllowed": false,
            "AuthenticationEnabled": false,
            // Acknowledged is on the disk, as with us.
            "SyncStorageArea": true,
            "StorageCompression": false,
            "OverwriteInstances": false,
            "HttpThreadsCount": 50,
            "DicomAlwaysAllowStore": true,
            "DicomCheckCalledAet": false,
            "Plugins": [PLUGIN],
            "DicomWeb": { "Enable": true, "Root": "/dicom-web/" },
        });
        let file = folder.path().join("orthanc.json");
        fs::write(&file, serde_json::to_vec_pretty(&configuration)?)?;
        let log = File::create(folder.path().join("log"))?;
        let process = Command::new("Orthanc")
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .context("starting Orthanc")?;
        let mut orthanc = Self {
            folder,
            process,
            http_port,
            dimse_port,
        };
        orthanc.wait_until_ready().await?;
        Ok(Some(orthanc))
    }

    /// It as a side.
    pub fn side(&self) -> anyhow::Result<Side> {
        let root = format!("http://127.0.0.1:{}/dicom-web", self.http_port);
        Side::new("Orthanc", root, None, self.process.id())
    }

    async fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            if let Some(status) = self.process.try_wait()? {
                let log = fs::read_to_string(self.folder.path().join("log"))?;
                bail!("Orthanc ended with {status}:\n{log}");
            }
            let asked = reqwest::get(format!("http://127.0.0.1:{}/system", self.http_port)).await;
            if asked.is_ok_and(|answer| answer.status().is_success()) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("Orthanc was not ready in time")
    }
}

impl Drop for Orthanc {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
