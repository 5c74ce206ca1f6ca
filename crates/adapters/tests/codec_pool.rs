//! Codec children crash, hang and babble; the pool lives on, and nobody else notices.

#![expect(clippy::unwrap_used, reason = "what cannot be prepared fails the test")]

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use adapters::codec_pool::{CodecPool, CodecPoolError, CodecPoolSettings};
use dicom::codec::{CodecError, CodecReply, CodecRequest, Source, Work};
use dicom::phantom::{PhantomKind, PhantomOptions, PhantomStudy, PhantomTransferSyntax};

fn settings(executable: impl Into<PathBuf>) -> CodecPoolSettings {
    CodecPoolSettings {
        children: 2,
        deadline: Duration::from_secs(60),
        ..CodecPoolSettings::new(executable.into())
    }
}

fn pool() -> CodecPool {
    CodecPool::new(settings(env!("CARGO_BIN_EXE_codec-child-for-tests")))
}

/// A program that is no codec worker.
fn script(folder: &Path, body: &str) -> PathBuf {
    let path = folder.join("child");
    std::fs::write(&path, format!("#!/bin/sh\n{body}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn phantom(kind: PhantomKind, transfer_syntax: PhantomTransferSyntax) -> Vec<u8> {
    let options = PhantomOptions {
        edge: Some(96),
        instances: Some(2),
        transfer_syntax,
        ..PhantomOptions::default()
    };
    PhantomStudy::new(kind, options).instance(0).unwrap().bytes
}

fn thumbnail_of(source: Source) -> CodecRequest {
    CodecRequest {
        source,
        work: Work::Thumbnail {
            max_edge: 64,
            frame: None,
        },
    }
}

fn good() -> CodecRequest {
    let bytes = phantom(PhantomKind::KneeMr, PhantomTransferSyntax::ExplicitVrLittleEndian);
    thumbnail_of(Source::Inline(bytes))
}

fn is_served(outcome: &Result<CodecReply, CodecPoolError>) -> bool {
    matches!(outcome, Ok(CodecReply::Picture(picture)) if picture.bytes.starts_with(&[0xFF, 0xD8]))
}

#[tokio::test]
async fn a_child_serves_many_requests_and_is_kept() {
    let pool = pool();
    for _ in 0..3 {
        assert!(is_served(&pool.run(good()).await));
    }
    assert_eq!(pool.idle_children(), 1);
}

#[tokio::test]
async fn a_child_is_replaced_after_its_share_of_requests() {
    let pool = CodecPool::new(CodecPoolSettings {
        requests_per_child: 2,
        ..settings(env!("CARGO_BIN_EXE_codec-child-for-tests"))
    });
    assert!(is_served(&pool.run(good()).await));
    assert_eq!(pool.idle_children(), 1);
    assert!(is_served(&pool.run(good()).await));
    assert_eq!(pool.idle_children(), 0);
    assert!(is_served(&pool.run(good()).await));
}

#[tokio::test]
async fn a_rendition_is_written_by_the_child_from_a_range_of_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let instance = phantom(PhantomKind::HeadCt, PhantomTransferSyntax::RleLossless);
    let batch = folder.path().join("batch.tar");
    std::fs::write(&batch, [vec![1; 700], instance.clone(), vec![2; 300]].concat()).unwrap();
    let output = folder.path().join("rendition");
    let request = CodecRequest {
        source: Source::File {
            path: batch,
            offset: 700,
            length: instance.len() as u64,
        },
        work: Work::HtJ2k {
            output: output.clone(),
            first_frame: 0,
            frame_count: None,
        },
    };
    let Ok(CodecReply::Rendition(rendition)) = pool().run(request).await else {
        panic!("no rendition");
    };
    let written = std::fs::metadata(&output).unwrap().len();
    assert_eq!(rendition.frame_lengths, [written as u32]);
}

#[tokio::test]
async fn a_refusal_is_the_codecs_own_and_costs_no_child() {
    let pool = pool();
    let outcome = pool.run(thumbnail_of(Source::Inline(b"no image".to_vec()))).await;
    assert_eq!(outcome, Err(CodecPoolError::Refused(CodecError::NotDicom)));
    assert_eq!(pool.idle_children(), 1);
    assert!(is_served(&pool.run(good()).await));
}

/// A large black image: legal, but more than a small child may hold.
fn large_image(folder: &Path) -> Source {
    let mut bytes = phantom(PhantomKind::KneeMr, PhantomTransferSyntax::ExplicitVrLittleEndian);
    let edge: u16 = 9000;
    for tag in [0x10_u8, 0x11] {
        let element = [0x28, 0x00, tag, 0x00, b'U', b'S', 2, 0];
        let at = bytes.windows(8).position(|window| window == element).unwrap() + 8;
        bytes[at..at + 2].copy_from_slice(&edge.to_le_bytes());
    }
    let pixels = bytes
        .windows(8)
        .position(|window| window == [0xE0, 0x7F, 0x10, 0x00, b'O', b'W', 0, 0])
        .unwrap();
    let length = u32::from(edge) * u32::from(edge) * 2;
    bytes[pixels + 8..pixels + 12].copy_from_slice(&length.to_le_bytes());
    bytes.truncate(pixels + 12);
    let total = bytes.len() as u64 + u64::from(length);
    let path = folder.join("large");
    std::fs::write(&path, bytes).unwrap();
    std::fs::OpenOptions::new()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(total)
        .unwrap();
    Source::File {
        path,
        offset: 0,
        length: total,
    }
}

#[tokio::test]
async fn a_crash_fails_its_own_request_and_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let pool = CodecPool::new(CodecPoolSettings {
        memory_bytes: 300 << 20,
        ..settings(env!("CARGO_BIN_EXE_codec-child-for-tests"))
    });
    let outcomes = futures_util::future::join_all((0..8).map(async |turn| {
        let bad = turn % 3 == 1;
        let request = if bad {
            thumbnail_of(large_image(folder.path()))
        } else {
            good()
        };
        (bad, pool.run(request).await)
    }))
    .await;
    for (bad, outcome) in outcomes {
        if bad {
            assert!(
                matches!(outcome, Err(CodecPoolError::Killed { .. })),
                "{outcome:?}"
            );
        } else {
            assert!(is_served(&outcome), "{outcome:?}");
        }
    }
    assert!(is_served(&pool.run(good()).await));
}

fn is_running(pid_file: &Path) -> bool {
    let pid = std::fs::read_to_string(pid_file).unwrap();
    Path::new("/proc").join(pid.trim()).exists()
}

#[tokio::test]
async fn a_child_that_does_not_answer_is_killed() {
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let body = format!("echo $$ > {}\nexec /bin/sleep 600", pid.display());
    let pool = CodecPool::new(settings(script(folder.path(), &body)));
    let outcome = pool.run_within(good(), Duration::from_secs(1)).await;
    assert!(
        matches!(outcome, Err(CodecPoolError::TimedOut { .. })),
        "{outcome:?}"
    );
    assert!(!is_running(&pid));
    assert_eq!(pool.idle_children(), 0);
}

#[tokio::test]
async fn giving_up_on_a_request_kills_its_child() {
    let folder = tempfile::tempdir().unwrap();
    let pid = folder.path().join("pid");
    let body = format!("echo $$ > {}\nexec /bin/sleep 600", pid.display());
    let pool = CodecPool::new(settings(script(folder.path(), &body)));
    let gave_up = tokio::time::timeout(Duration::from_secs(1), pool.run(good())).await;
    assert!(gave_up.is_err());
    while is_running(&pid) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn a_child_that_babbles_is_not_believed() {
    let folder = tempfile::tempdir().unwrap();
    let babbler = script(
        folder.path(),
        "printf 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'\nexec /bin/cat > /dev/null",
    );
    let outcome = CodecPool::new(settings(babbler)).run(good()).await;
    assert_eq!(outcome, Err(CodecPoolError::OutOfStep));

    let quitter = script(folder.path(), "exit 3");
    let outcome = CodecPool::new(settings(quitter)).run(good()).await;
    let how = "exit code 3".to_owned();
    assert_eq!(outcome, Err(CodecPoolError::Crashed { how }));

    let outcome = CodecPool::new(settings(folder.path().join("absent")))
        .run(good())
        .await;
    assert!(
        matches!(outcome, Err(CodecPoolError::NotStarted { .. })),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_child_that_the_machine_kills_is_replaced_and_the_request_served() {
    let folder = tempfile::tempdir().unwrap();
    let marker = folder.path().join("killed-before");
    let body = format!(
        "/bin/mkdir {} && kill -9 $$\nexec {} codec-worker",
        marker.display(),
        env!("CARGO_BIN_EXE_codec-child-for-tests")
    );
    let pool = CodecPool::new(settings(script(folder.path(), &body)));
    let outcome = pool.run(good()).await;
    assert!(is_served(&outcome), "{outcome:?}");
    assert!(marker.exists(), "the first child was killed");
}

#[tokio::test]
async fn a_half_written_file_of_a_killed_child_is_not_in_the_way() {
    let folder = tempfile::tempdir().unwrap();
    let (marker, output) = (folder.path().join("killed-before"), folder.path().join("samples"));
    let body = format!(
        "/bin/mkdir {} && echo half > {} && kill -9 $$\nexec {} codec-worker",
        marker.display(),
        output.display(),
        env!("CARGO_BIN_EXE_codec-child-for-tests")
    );
    let pool = CodecPool::new(settings(script(folder.path(), &body)));
    let work = Work::Samples {
        output: output.clone(),
        frame: 0,
    };
    let outcome = pool.run(CodecRequest { work, ..good() }).await;
    let Ok(CodecReply::Samples(written)) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(std::fs::metadata(output).unwrap().len(), written.bytes);
}

#[tokio::test]
async fn what_ends_three_children_in_a_row_is_given_up() {
    for (signal, transient) in [(9, true), (11, false)] {
        let folder = tempfile::tempdir().unwrap();
        let tries = folder.path().join("tries");
        let body = format!("echo once >> {}\nkill -{signal} $$", tries.display());
        let pool = CodecPool::new(settings(script(folder.path(), &body)));
        let error = pool.run(good()).await.unwrap_err();
        assert_eq!(error, CodecPoolError::Killed { signal });
        assert_eq!(error.is_transient(), transient, "signal {signal}");
        assert_eq!(std::fs::read_to_string(tries).unwrap().lines().count(), 3);
    }
}

#[tokio::test]
async fn a_full_queue_refuses_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let sleeper = script(folder.path(), "exec /bin/sleep 600");
    let pool = CodecPool::new(CodecPoolSettings {
        children: 1,
        queue_length: 0,
        ..settings(sleeper)
    });
    let mut first = Box::pin(pool.run(good()));
    // Polled once, it has taken the only turn.
    assert!(futures_util::poll!(&mut first).is_pending());
    assert_eq!(pool.run(good()).await, Err(CodecPoolError::Busy));
    drop(first);
}

#[tokio::test]
async fn the_environment_of_the_server_stays_in_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let seen = folder.path().join("environment");
    let body = format!("/usr/bin/env > {}", seen.display());
    let pool = CodecPool::new(settings(script(folder.path(), &body)));
    assert!(pool.run(good()).await.is_err());
    let seen = std::fs::read_to_string(seen).unwrap();
    let names: Vec<_> = seen.lines().filter_map(|line| line.split('=').next()).collect();
    for name in names {
        // The shell sets the last three itself.
        assert!(
            name.starts_with("CODEC_WORKER_") || matches!(name, "PWD" | "SHLVL" | "_"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn damaged_codestreams_never_end_the_pool() {
    let pool = CodecPool::new(CodecPoolSettings {
        deadline: Duration::from_secs(20),
        ..settings(env!("CARGO_BIN_EXE_codec-child-for-tests"))
    });
    let mut requests = Vec::new();
    for transfer_syntax in [
        PhantomTransferSyntax::RleLossless,
        PhantomTransferSyntax::JpegLsLossless,
        PhantomTransferSyntax::HtJ2kLosslessRpcl,
    ] {
        let file = phantom(PhantomKind::KneeMr, transfer_syntax);
        let pixels = file
            .windows(4)
            .position(|window| window == [0xE0, 0x7F, 0x10, 0x00])
            .unwrap();
        for turn in 0..24_usize {
            let mut damaged = file.clone();
            for hit in 0..1 + turn % 4 {
                let at = pixels + 20 + (turn * 7919 + hit * 104_729) % (file.len() - pixels - 20);
                damaged[at] ^= 1 << (turn % 8);
            }
            requests.push(thumbnail_of(Source::Inline(damaged)));
        }
    }
    let outcomes =
        futures_util::future::join_all(requests.into_iter().map(|request| pool.run(request))).await;
    let count =
        |kind: fn(&Result<CodecReply, CodecPoolError>) -> bool| outcomes.iter().filter(|it| kind(it)).count();
    println!(
        "damaged codestreams: {} served, {} refused, {} crashed, {} timed out",
        count(Result::is_ok),
        count(|it| matches!(it, Err(CodecPoolError::Refused(_)))),
        count(|it| matches!(it, Err(CodecPoolError::Killed { .. }))),
        count(|it| matches!(it, Err(CodecPoolError::TimedOut { .. }))),
    );
    assert!(count(|it| matches!(it, Err(CodecPoolError::Refused(_)))) > 0);
    assert!(is_served(&pool.run(good()).await));
}

#[tokio::test]
async fn malformed_files_from_the_wild_never_end_the_pool() {
    let Some(corpus) = std::env::var_os("TELERAD_TEST_CORPUS") else {
        return;
    };
    let pool = pool();
    for folder in ["malformed", "edge", "samples"] {
        let files = std::fs::read_dir(Path::new(&corpus).join(folder));
        for entry in files.into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                continue;
            }
            let length = std::fs::metadata(&path).unwrap().len();
            let source = Source::File {
                path: path.clone(),
                offset: 0,
                length,
            };
            let outcome = pool.run(thumbnail_of(source)).await;
            assert!(
                matches!(outcome, Ok(_) | Err(CodecPoolError::Refused(_))),
                "{path:?}: {outcome:?}"
            );
        }
    }
    assert!(is_served(&pool.run(good()).await));
}

#[tokio::test]
async fn children_nobody_waits_for_yield_the_processor() {
    let own = niceness_of("self");
    let program = env!("CARGO_BIN_EXE_codec-child-for-tests");
    let pool = CodecPool::new(settings(program).in_background());
    pool.run(good()).await.unwrap();
    let children: Vec<i32> = std::fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .filter(|name| name.parse::<u32>().is_ok() && is_child(name))
        .map(|child| niceness_of(&child))
        .collect();
    assert_eq!(children, [(own + 10).min(19)]);
}

/// The fields of `/proc/…/stat` behind the name, which stands in parentheses (proc(5)); none when it is gone.
fn stat(process: &str) -> Option<Vec<String>> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, fields) = stat.rsplit_once(')')?;
    Some(fields.split_whitespace().map(str::to_owned).collect())
}

fn is_child(process: &str) -> bool {
    stat(process).is_some_and(|fields| fields[1] == std::process::id().to_string())
}

fn niceness_of(process: &str) -> i32 {
    stat(process).unwrap()[16].parse().unwrap()
}
