//! Two tenants; the victim has a claimed case, an invitation, a key, a job and a quarantined instance.

use std::collections::BTreeMap;

use anyhow::Context as _;
use dicom::phantom::PhantomKind;
use serde_json::{Value, json};
use telerad_tests::{Backend, Client, Telerad, Tenant, files};

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    Staff,
    Radiologist,
    Admin,
    Operator,
    Key,
}

impl Who {
    pub const ALL: [Self; 5] = [
        Self::Staff,
        Self::Radiologist,
        Self::Admin,
        Self::Operator,
        Self::Key,
    ];
}

/// Everything the walk needs.
pub struct Scene {
    pub telerad: Telerad,
    /// Callers of the victim's tenant; the operator belongs to none.
    pub victims: BTreeMap<Who, Client>,
    /// Callers of the other tenant.
    pub strangers: BTreeMap<Who, Client>,
    /// Staff of another facility of the victim's tenant.
    pub other_facility: Client,
    pub anonymous: Client,
    /// The victim's ids by the names the tables use.
    pub ids: BTreeMap<&'static str, String>,
}

impl Scene {
    pub async fn set(backend: Backend) -> anyhow::Result<Self> {
        let telerad = Telerad::start_with(backend, &[("TELERAD_QUIET_PERIOD_SECONDS", "1")], &[]).await?;
        let (victim, stranger) = (telerad.found_tenant("victim")?, telerad.found_tenant("stranger")?);
        let operator = telerad.signed_in(&telerad.add_operator()?).await?;
        let victims = callers(&telerad, &victim, &operator).await?;
        let strangers = callers(&telerad, &stranger, &operator).await?;
        let other_facility = telerad.signed_in(&victim.other_staff).await?;
        let ids = ids(&victim, &victims).await?;
        let anonymous = telerad.anonymous();
        Ok(Self {
            telerad,
            victims,
            strangers,
            other_facility,
            anonymous,
            ids,
        })
    }

    /// A text with `{name}` replaced by the victim's ids.
    pub fn fill(&self, text: &str) -> String {
        self.ids.iter().fold(text.to_owned(), |text, (name, id)| {
            text.replace(&format!("{{{name}}}"), id)
        })
    }

    /// The same with ids of the right kind that nobody has.
    pub fn fill_with_nobodys(&self, text: &str) -> String {
        self.ids.iter().fold(text.to_owned(), |text, (name, id)| {
            let nobodys = match id.split_once('_') {
                Some((prefix, _)) => format!("{prefix}_00000000000070008000000000000000"),
                None => "2.25.99999".to_owned(),
            };
            text.replace(&format!("{{{name}}}"), &nobodys)
        })
    }

    /// What nobody on the walk may change.
    pub async fn state_of_the_case(&self) -> anyhow::Result<Value> {
        // Unsigned marks are shown to the case's reader alone.
        let marks = self.fill("{ case(id: \"{case}\") { keyImages { id } } }");
        let marks = self.victims[&Who::Radiologist]
            .graphql(&marks, Value::Null)
            .await?;
        let query = self.fill(
            "{ case(id: \"{case}\") { state priority holder { userId } deliveries { id } } \
             members { userId disabled } invitations { id state } apiKeys { id revokedAt } facilities { id } }",
        );
        let rest = self.victims[&Who::Admin].graphql(&query, Value::Null).await?;
        Ok(json!([marks, rest]))
    }
}

async fn callers(
    telerad: &Telerad,
    tenant: &Tenant,
    operator: &Client,
) -> anyhow::Result<BTreeMap<Who, Client>> {
    Ok([
        (Who::Staff, telerad.signed_in(&tenant.staff).await?),
        (Who::Radiologist, telerad.signed_in(&tenant.radiologist).await?),
        (Who::Admin, telerad.signed_in(&tenant.admin).await?),
        (Who::Operator, operator.clone()),
        (Who::Key, telerad.with_key(tenant)),
    ]
    .into())
}

async fn ids(
    victim: &Tenant,
    callers: &BTreeMap<Who, Client>,
) -> anyhow::Result<BTreeMap<&'static str, String>> {
    let study = files::study(PhantomKind::KneeMr, 200, 3);
    let first = &study[0];
    let key = &callers[&Who::Key];
    key.stow(&victim.slug, &files::bytes_of(&study)).await?;
    let mut conflict = first.bytes.clone();
    *conflict.last_mut().context("a file has bytes")? ^= 1;
    key.stow(&victim.slug, &[&conflict]).await?;

    let reader = &callers[&Who::Radiologist];
    let case = reader.case_in(&first.study_instance_uid, "READY_TO_READ").await?;
    let claim = reader.claim(&case.id).await?;
    let token = text(&claim["data"]["claimCase"]["claimToken"])?;
    let mark = "mutation ($input: MarkKeyImageInput!) { markKeyImage(input: $input) { id } }";
    let input = json!({ "input": {
        "caseId": case.id, "claimToken": token, "sopInstanceUid": first.sop_instance_uid, "frame": 1,
    }});
    let key_image = reader.graphql(mark, input).await?;

    let admin = &callers[&Who::Admin];
    let study_id = admin
        .graphql(
            &format!("{{ case(id: \"{}\") {{ study {{ id }} }} }}", case.id),
            Value::Null,
        )
        .await?;
    let deletion = in_the_trash(victim, reader, admin, key).await?;
    let invite =
        "mutation { inviteMember(input: { email: \"new@victim.example\", role: RADIOLOGIST }) { id } }";
    let invitation = admin.graphql(invite, Value::Null).await?;
    let lists = admin
        .graphql(
            "{ members { userId } apiKeys { id } jobs { nodes { id } } }",
            Value::Null,
        )
        .await?;
    let node = admin
        .graphql(
            "mutation($input: DicomNodeInput!) { addDicomNode(input: $input) { id } }",
            json!({ "input": { "facilityId": victim.facility, "name": "Victim's CT", "calledTitle": "VICTIM",
                "peerTitle": "VICTIMCT", "host": "127.0.0.1", "port": 1 } }),
        )
        .await?;
    let of_case = reader
        .graphql(
            &format!("{{ case(id: \"{}\") {{ study {{ id }} }} }}", case.id),
            Value::Null,
        )
        .await?;
    let upload = json!({
        "facility_id": victim.facility, "priority": "ROUTINE", "refused": [],
        "studies": [{ "study_instance_uid": "2.25.123", "series": [{ "series_instance_uid": "2.25.124",
            "instances": [{ "sop_instance_uid": "2.25.125", "bytes": 1000 }] }] }],
    });
    let upload = callers[&Who::Staff].post("/uploads", &upload).await?.json();

    Ok([
        ("tenant", victim.slug.clone()),
        ("case", case.id),
        ("token", token),
        ("key_image", text(&key_image["markKeyImage"]["id"])?),
        ("invitation", text(&invitation["inviteMember"]["id"])?),
        ("user", text(&lists["members"][0]["userId"])?),
        ("api_key", text(&lists["apiKeys"][0]["id"])?),
        ("job", text(&lists["jobs"]["nodes"][0]["id"])?),
        ("facility", victim.facility.clone()),
        ("node", text(&node["addDicomNode"]["id"])?),
        ("study_id", text(&of_case["case"]["study"]["id"])?),
        ("upload", text(&upload["upload_id"])?),
        ("study_id", text(&study_id["case"]["study"]["id"])?),
        ("deletion", deletion),
        ("study", first.study_instance_uid.clone()),
        ("series", first.series_instance_uid.clone()),
        ("instance", first.sop_instance_uid.clone()),
    ]
    .into())
}

/// Stores another study and deletes it; gives the id of the deletion.
async fn in_the_trash(
    victim: &Tenant,
    reader: &Client,
    admin: &Client,
    key: &Client,
) -> anyhow::Result<String> {
    let other = files::study(PhantomKind::KneeMr, 201, 1);
    key.stow(&victim.slug, &files::bytes_of(&other)).await?;
    let case = reader
        .case_in(&other[0].study_instance_uid, "READY_TO_READ")
        .await?;
    let study = format!("{{ case(id: \"{}\") {{ study {{ id }} }} }}", case.id);
    let study = admin.graphql(&study, Value::Null).await?;
    let delete = "mutation ($input: DeleteStudyInput!) { deleteStudy(input: $input) }";
    let input =
        json!({ "input": { "studyId": study["case"]["study"]["id"], "reason": "set up for the walk" } });
    text(&admin.graphql(delete, input).await?["deleteStudy"])
}

fn text(value: &Value) -> anyhow::Result<String> {
    Ok(value
        .as_str()
        .with_context(|| format!("a text, not {value}"))?
        .to_owned())
}
