//! Reports from draft to delivery, as reader, facility, administrator and strangers see them.

use app::{
    AppError,
    archive::JudgeCompleteness,
    jobs::{RunOutcome, Settled, job_actor},
    reading::{DeliverReport, PrintReport},
};
use chrono::TimeDelta;
use dicom::phantom::{PhantomInstance, PhantomKind, PhantomOptions, PhantomStudy};
use domain::{Role, job::Job};
use reqwest::header;
use serde_json::{Value, json};

use crate::support::{House, PASSWORD, Session, code};

mod delivery;
mod late_images;
mod privacy;
mod signing;

/// A tenant with a facility that has an address for reports, two readers, and one case to read.
struct Room {
    house: House,
    staff: Session,
    reader: Session,
    second: Session,
    admin: Session,
    case: String,
    image: String,
}

impl Room {
    async fn open() -> Self {
        let house = House::open().await;
        let system = house.system();
        let facility = app::identity::NewFacility {
            name: "Harbour Imaging".to_owned(),
            code: "HARBOUR".to_owned(),
            report_email: Some("desk@harbour.example".to_owned()),
        };
        let facility = house.app.add_facility(&system, facility).await.unwrap().id;
        let staff = "staff@harbour.example";
        house
            .person(&system, staff, Role::FacilityStaff, vec![facility])
            .await;
        let staff = house.sign_in(staff).await;
        let reader = house.member("reader@north.example", Role::Radiologist).await;
        let second = house.member("second@north.example", Role::Radiologist).await;
        let admin = house.member("admin@north.example", Role::TenantAdmin).await;
        let mut room = Self {
            house,
            staff,
            reader,
            second,
            admin,
            case: String::new(),
            image: String::new(),
        };
        (room.case, room.image) = room.new_case(1).await;
        room
    }

    /// Sends a study and waits until it is to be read: the case and one of its images.
    async fn new_case(&self, seed: u64) -> (String, String) {
        let options = PhantomOptions {
            seed,
            instances: Some(1),
            edge: Some(32),
            ..Default::default()
        };
        let image = PhantomStudy::new(PhantomKind::HeadCt, options)
            .next()
            .unwrap()
            .unwrap();
        self.send(&image).await;
        let quiet = self.house.app.settings.quiet_period;
        self.house
            .clock
            .pass(TimeDelta::from_std(quiet).unwrap() + TimeDelta::seconds(1));
        while self.work(JudgeCompleteness::KIND).await {}
        let list = "{ worklist { nodes { id state study { studyInstanceUid } } } }";
        let listed = self.ask(&self.reader, list, Value::Null).await;
        let nodes = listed["data"]["worklist"]["nodes"].as_array().unwrap().clone();
        let case = nodes
            .iter()
            .find(|case| case["study"]["studyInstanceUid"] == image.study_instance_uid.as_str())
            .unwrap();
        assert_eq!(case["state"], "READY_TO_READ");
        (case["id"].as_str().unwrap().to_owned(), image.sop_instance_uid)
    }

    async fn send(&self, image: &PhantomInstance) {
        let mut body = b"--xyz\r\nContent-Type: application/dicom\r\n\r\n".to_vec();
        body.extend_from_slice(&image.bytes);
        body.extend_from_slice(b"\r\n--xyz--\r\n");
        let sent = self
            .house
            .http
            .post(format!("{}/dicomweb/north/studies", self.house.base))
            .bearer_auth(&self.staff.access)
            .header(
                header::CONTENT_TYPE,
                "multipart/related; type=\"application/dicom\"; boundary=xyz",
            )
            .body(body)
            .send()
            .await
            .unwrap();
        assert_eq!(sent.status(), 200);
    }

    async fn ask(&self, who: &Session, query: &str, variables: Value) -> Value {
        self.house.graphql(&who.access, query, variables).await
    }

    /// Runs the next job of this kind as the worker does; false when there is none.
    async fn work(&self, kind: &str) -> bool {
        let lease = std::time::Duration::from_secs(30);
        let Some(job) = self.house.app.lease_job(&[kind], lease).await.unwrap() else {
            return false;
        };
        let (app, actor, payload) = (&self.house.app, job_actor(&job), job.payload.clone());
        let result: Result<(), AppError> = match kind {
            JudgeCompleteness::KIND => {
                let job: JudgeCompleteness = serde_json::from_value(payload).unwrap();
                app.judge_completeness(&actor, job.study).await
            }
            PrintReport::KIND => {
                let job: PrintReport = serde_json::from_value(payload).unwrap();
                app.print_report(&actor, job.version).await
            }
            _ => {
                let job: DeliverReport = serde_json::from_value(payload).unwrap();
                app.deliver_report(&actor, job.delivery).await
            }
        };
        let outcome = result.map_or_else(
            |error| RunOutcome::Retry {
                reason: error.to_string(),
            },
            |()| RunOutcome::Done,
        );
        app.settle_job(&job, outcome).await.unwrap();
        true
    }

    /// Takes the next job of this kind and lets it die before it does anything.
    async fn let_die(&self, kind: &str, reason: &str) {
        let lease = std::time::Duration::from_secs(30);
        let job = self.house.app.lease_job(&[kind], lease).await.unwrap().unwrap();
        let reason = reason.to_owned();
        let settled = self.house.app.settle_job(&job, RunOutcome::Fail { reason }).await;
        assert_eq!(settled.unwrap(), Settled::Dead);
    }

    /// Takes the case: the token, or the code of the refusal.
    async fn claim(&self, who: &Session) -> Result<String, String> {
        let claim = "mutation ($id: ID!) { claimCase(input: { caseId: $id }) { claimToken } }";
        let answer = self.ask(who, claim, json!({ "id": self.case })).await;
        match answer["data"]["claimCase"]["claimToken"].as_str() {
            Some(token) => Ok(token.to_owned()),
            None => Err(code(&answer).to_owned()),
        }
    }

    /// Saves the two required sections: the whole answer.
    async fn write(&self, who: &Session, token: &str, base: u32, findings: &str) -> Value {
        let save = "mutation ($input: SaveReportDraftInput!) { saveReportDraft(input: $input) \
                    { revision sections { key text } } }";
        let input = json!({ "input": {
            "caseId": self.case, "claimToken": token, "baseRevision": base,
            "sections": [{ "key": "findings", "text": findings }, { "key": "impression", "text": "Normal [sic]." }],
        }});
        self.ask(who, save, input).await
    }

    /// Signs revision `base`, having seen the one image: the whole answer.
    async fn sign(&self, who: &Session, token: &str, base: u32, kind: &str) -> Value {
        self.sign_seeing(who, token, base, kind, 1).await
    }

    /// The same, having seen so many images.
    async fn sign_seeing(&self, who: &Session, token: &str, base: u32, kind: &str, images: u32) -> Value {
        let sign = "mutation ($input: SignReportInput!) { signReport(input: $input) { state } }";
        let input = json!({ "input": {
            "caseId": self.case, "claimToken": token, "baseRevision": base, "kind": kind, "password": PASSWORD,
            "imageCount": images,
        }});
        self.ask(who, sign, input).await
    }

    /// Claims, writes and signs for good.
    async fn sign_final(&self) {
        let token = self.claim(&self.reader).await.unwrap();
        let saved = self.write(&self.reader, &token, 0, "No haemorrhage.").await;
        assert_eq!(saved["data"]["saveReportDraft"]["revision"], 1, "{saved}");
        let signed = self.sign(&self.reader, &token, 1, "FINAL").await;
        assert_eq!(signed["data"]["signReport"]["state"], "FINAL_SIGNED", "{signed}");
    }

    async fn amend(&self, who: &Session, text: &str) -> Value {
        let amend = "mutation ($input: AddAddendumInput!) { addAddendum(input: $input) { state } }";
        let counted = "query ($id: ID!) { case(id: $id) { receivedCount } }";
        let seen =
            self.ask(who, counted, json!({ "id": self.case })).await["data"]["case"]["receivedCount"].clone();
        let input = json!({ "input": {
            "caseId": self.case, "text": text, "imageCount": seen, "password": PASSWORD,
        } });
        self.ask(who, amend, input).await
    }

    async fn mark(&self, token: &str, note: Option<&str>) -> Value {
        let mark = "mutation ($input: MarkKeyImageInput!) { markKeyImage(input: $input) { id note } }";
        let input = json!({ "input": {
            "caseId": self.case, "claimToken": token, "sopInstanceUid": self.image, "frame": 1, "note": note,
        }});
        self.ask(&self.reader, mark, input).await
    }
}
