//! nginx serving files of a folder: what this machine can do at best with bytes that lie ready.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::Context as _;
use tempfile::TempDir;

use crate::{
    process::{free_port, is_installed},
    side::Side,
};

/// A running nginx; it ends and its files go when this is dropped.
#[derive(Debug)]
pub struct Nginx {
    _folder: TempDir,
    process: Child,
    port: u16,
}

impl Nginx {
    /// Serves `files` as `/0`, `/1` and so on; none where it is not installed.
    pub async fn serve(files: &[bytes::Bytes]) -> anyhow::Result<Option<Self>> {
        if !is_installed("nginx") {
            println!("nginx is not installed: static files are left out");
            return Ok(None);
        }
        let folder = TempDir::with_prefix("nginx-")?;
        for (number, file) in files.iter().enumerate() {
            fs::write(folder.path().join(number.to_string()), file)?;
        }
        open_to_everybody(folder.path())?;
        let port = free_port()?;
        let configuration = folder.path().join("nginx.conf");
        fs::write(&configuration, configured(folder.path(), port))?;
        let process = Command::new("nginx")
            .arg("-c")
            .arg(&configuration)
            .args(["-g", "daemon off;"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("starting nginx")?;
        let nginx = Self {
            _folder: folder,
            process,
            port,
        };
        while reqwest::get(format!("http://127.0.0.1:{port}/0")).await.is_err() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(Some(nginx))
    }

    /// It as a side whose paths are `/0`, `/1` and so on.
    pub fn side(&self) -> anyhow::Result<Side> {
        Side::new(
            "nginx",
            format!("http://127.0.0.1:{}", self.port),
            None,
            self.process.id(),
        )
    }
}

/// Its workers are not root.
fn open_to_everybody(folder: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?)
}

fn configured(folder: &Path, port: u16) -> String {
    let at = |name: &str| -> PathBuf { folder.join(name) };
    format!(
        "worker_processes auto;\npid {};\nerror_log {};\nevents {{ worker_connections 256; }}\n\
         http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; \
         client_body_temp_path {}; proxy_temp_path {}; fastcgi_temp_path {}; uwsgi_temp_path {}; scgi_temp_path {}; \
         server {{ listen 127.0.0.1:{port}; root {}; }} }}\n",
        at("pid").display(),
        at("log").display(),
        at("t1").display(),
        at("t2").display(),
        at("t3").display(),
        at("t4").display(),
        at("t5").display(),
        folder.display(),
    )
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its master ends its workers when it is asked to, not when it is killed.
        if let Some(pid) = i32::try_from(self.process.id())
            .ok()
            .and_then(rustix::process::Pid::from_raw)
        {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        }
        let _ = self.process.wait();
    }
}
