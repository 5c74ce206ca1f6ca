/** What a machine's key may do. */
export type ApiScope =
  /** Read cases and reports over GraphQL. */
  | 'CASES_READ'
  /** Delete studies over DICOMweb, into the trash. */
  | 'STUDIES_DELETE'
  /** Query and retrieve studies over DICOMweb. */
  | 'STUDIES_READ'
  /** Store studies over DICOMweb and announce uploads. */
  | 'STUDIES_WRITE';

/** What was done or tried. In rows `CASE_CLAIM` is spelt `case.claim`. */
export type AuditAction =
  /** A request was refused. Object: what it asked for; detail: which request, and the error's code. */
  | 'ACCESS_REFUSED'
  /** Refusals of one kind that came again within the window of the first. Object: as there; detail: how many. */
  | 'ACCESS_REFUSED_AGAIN'
  /** A machine's key was made. Object: the key. */
  | 'API_KEY_CREATE'
  /** A machine's key was revoked. Object: the key. */
  | 'API_KEY_REVOKE'
  /** How long studies are kept, and where, or whether lossy copies go out, was decided. Detail: what. */
  | 'ARCHIVE_POLICY'
  /** Every stored object was compared with what the database says of it. Detail: what came out. */
  | 'ARCHIVE_VERIFY'
  /** The audit trail was verified. Detail: what came out. */
  | 'AUDIT_VERIFY'
  /** The audit trail was looked at. Detail: what it was filtered by. */
  | 'AUDIT_VIEW'
  /** A reader took a case. Object: the case. */
  | 'CASE_CLAIM'
  /** A reader's lease ran out. Object: the case; detail: the reader. */
  | 'CASE_CLAIM_LAPSED'
  /** Every copy of a case's report has arrived. Object: the case. */
  | 'CASE_DELIVERED'
  /** Images came after the report was signed. Object: the case. */
  | 'CASE_LATE_IMAGES'
  /** Cases were shown in a list. Detail: the cases that the actor had not been shown within the window. */
  | 'CASE_LIST'
  /** A study became a case. Object: the case. */
  | 'CASE_OPEN'
  /** A case's priority was changed. Object: the case. */
  | 'CASE_PRIORITISE'
  /** A case became ready to read. Object: the case. */
  | 'CASE_READY'
  /** A reader gave a case back. Object: the case. */
  | 'CASE_RELEASE'
  /** A case was opened. Object: the case. */
  | 'CASE_VIEW'
  /** A facility was added. Object: the facility. */
  | 'FACILITY_ADD'
  /** An image was set aside, its UID being taken by other bytes. Object: the quarantined instance. */
  | 'INSTANCE_QUARANTINE'
  /** An invitation was accepted. Object: the invitation. */
  | 'INVITATION_ACCEPT'
  /** An invitation was taken back. Object: the invitation. */
  | 'INVITATION_REVOKE'
  /** A job failed for good. Object: the job; detail: its kind. */
  | 'JOB_DEAD'
  /** A dead job was queued again. Object: the job; detail: its kind. */
  | 'JOB_RETRY'
  /** An image was marked for the report. Object: the key image. */
  | 'KEYIMAGE_MARK'
  /** A mark was taken back. Object: the key image. */
  | 'KEYIMAGE_REMOVE'
  /** A member was added on the command line. Object: the person; detail: the role. */
  | 'MEMBER_ADD'
  /** A member was shut out. Object: the person. */
  | 'MEMBER_DISABLE'
  /** A member was let in again. Object: the person. */
  | 'MEMBER_ENABLE'
  /** A person was invited. Object: the invitation; detail: the role. */
  | 'MEMBER_INVITE'
  /** A DICOM node was added. Object: the node. */
  | 'NODE_ADD'
  /** What a DICOM node may do, or how it is recognised, was changed. Object: the node. */
  | 'NODE_CHANGE'
  /** A DICOM node was removed. Object: the node. */
  | 'NODE_REMOVE'
  /** It was verified whether a DICOM node answers. Object: the node; detail: whether. */
  | 'NODE_VERIFY'
  /** Stored bytes did not match their checksum, or were gone, when they were read. Object: what they are of; detail: its kind. */
  | 'OBJECT_DAMAGED'
  /** An object that no row names any more was removed from the object store. Object: its key. */
  | 'OBJECT_REMOVE'
  /** Originals were put into another object, bit for bit. Object: the batch; detail: why, how many. */
  | 'OBJECT_REPACK'
  /** A damaged or missing original was put right. Object: its key, or the instance; detail: from where. */
  | 'OBJECT_REPAIR'
  /** The password asked again for a signature was wrong. Object: the person; filed under the case. */
  | 'PASSWORD_CHECK'
  /** An operator looked at the figures of all tenants. Detail: why. */
  | 'PLATFORM_TENANTS'
  /** The list of what was set aside was looked at. */
  | 'QUARANTINE_VIEW'
  /** A facility confirmed that it has read a report. Object: the case. */
  | 'REPORT_ACKNOWLEDGE'
  /** An addendum was signed. Object: the version; detail: kind, number, SHA-256. */
  | 'REPORT_ADDENDUM'
  /** A reader confirmed that late images change nothing. Object: the case. */
  | 'REPORT_CONFIRM'
  /** A copy of a report was delivered, or could not be. Object: the delivery; detail: the way. */
  | 'REPORT_DELIVER'
  /** A draft was saved. Object: the report; one row for each writer and window. */
  | 'REPORT_DRAFT'
  /** A report's document was fetched. Object: the version. */
  | 'REPORT_RETRIEVE'
  /** A report was signed. Object: the version; detail: kind, number, SHA-256. */
  | 'REPORT_SIGN'
  /** A used refresh token came again, which ended the session. Object: the session. */
  | 'SESSION_REVOKED'
  /** A person signed in. Object: the session. */
  | 'SIGN_IN'
  /** A password was wrong, or the account unknown. Object: the account where it is known. */
  | 'SIGN_IN_REFUSED'
  /** A person signed out. Object: the session. */
  | 'SIGN_OUT'
  /** A node asked whether instances are safely kept. Object: the commitment; detail: how many are and are not. */
  | 'STORAGE_COMMIT'
  /** A study, or part of it, was put into the trash. Object: the study; detail: which part, how many instances, why. */
  | 'STUDY_DELETE'
  /** A study was taken out as files. Object: the study; detail: as it came, as lossy copies of which modalities, or de-identified and with which options. */
  | 'STUDY_EXPORT'
  /** A study was fetched from another archive. Object: the node; detail: how it went. */
  | 'STUDY_FETCH'
  /** A legal hold was placed on a study. Object: the study; detail: why. */
  | 'STUDY_HOLD'
  /** The legal hold on a study was lifted. Object: the study; detail: why. */
  | 'STUDY_HOLD_LIFT'
  /** Images said more about whose their study is, and it became that patient's. Object: the study. */
  | 'STUDY_PATIENT'
  /** What lay in the trash was removed for good. Object: the study; detail: the deletion, how many instances. */
  | 'STUDY_PURGE'
  /** A study was asked back from the slow store. Object: the study; detail: as a prior, if it was. */
  | 'STUDY_RECALL'
  /** A study is back in the fast store. Object: the study. */
  | 'STUDY_RECALLED'
  /** What was deleted was taken out of the trash. Object: the study; detail: the deletion. */
  | 'STUDY_RESTORE'
  /** A study was opened. Object: the study; detail: in which form (instances, metadata, frames, rendered, thumbnail, bulk data, de-identified). */
  | 'STUDY_RETRIEVE'
  /** The archive was searched. Detail: the level, the keys (never their values) and the studies that were found. */
  | 'STUDY_SEARCH'
  /** A study was sent to another archive, or that was asked for. Object: the study; detail: the node, and how. */
  | 'STUDY_SEND'
  /** A study that nobody looked at went to the slow store. Object: the study. */
  | 'STUDY_SENT_AWAY'
  /** Images of a study were stored. Object: the study. */
  | 'STUDY_STORE'
  /** A tenant was founded. Object: the tenant. */
  | 'TENANT_CREATE'
  /** The list of what was deleted was looked at. */
  | 'TRASH_VIEW'
  /** An upload was announced. Object: the upload. */
  | 'UPLOAD_ANNOUNCE'
  /** An upload was declared finished. Object: the upload. */
  | 'UPLOAD_FINISH'
  /** A work item was created. Object: its UID; detail: its state. */
  | 'WORKITEM_CREATE'
  /** Work items were searched or told of. Detail: the keys (never their values) and the UIDs that had not been shown within the window. */
  | 'WORKITEM_LIST'
  /** A work item's state was changed, or its cancellation asked for. Object: its UID; detail: its state. */
  | 'WORKITEM_STATE'
  /** Somebody subscribed to work items. Object: the UID subscribed to. */
  | 'WORKITEM_SUBSCRIBE'
  /** A subscription to work items was ended. Object: the UID subscribed to. */
  | 'WORKITEM_UNSUBSCRIBE'
  /** A work item's attributes were changed. Object: its UID; detail: its state. */
  | 'WORKITEM_UPDATE'
  /** A work item was retrieved. Object: its UID. */
  | 'WORKITEM_VIEW';

/** Where a case stands. */
export type CaseState =
  /** Given to a reader who has not begun. */
  | 'ASSIGNED'
  /** Will not be read. */
  | 'CANCELLED'
  /** Nothing is left to do. */
  | 'CLOSED'
  /** The facility has the final report. */
  | 'DELIVERED'
  /** Announced, nothing has arrived. */
  | 'EXPECTED'
  /** The final report is signed. */
  | 'FINAL_SIGNED'
  /** A reader holds it. */
  | 'IN_PROGRESS'
  /** Paused. */
  | 'ON_HOLD'
  /** A preliminary report is signed. */
  | 'PRELIM_SIGNED'
  /** Set aside by quality control. */
  | 'QC_HOLD'
  /** Complete and waiting for a reader. */
  | 'READY_TO_READ'
  /** Images are arriving. */
  | 'RECEIVING'
  /** Arrived, but it is not known for whom. */
  | 'UNMATCHED';

/** What kind of thing changed. */
export type ChangeTopic =
  /** A case, its claim, clock, report or deliveries. */
  | 'CASE'
  /** A facility. */
  | 'FACILITY'
  /** A job died or was retried. */
  | 'JOB'
  /** A member or invitation. */
  | 'MEMBER'
  /** A study received images or renditions. */
  | 'STUDY'
  /** An upload made progress. */
  | 'UPLOAD'
  /** A work item that others created; no screen is told. */
  | 'WORKITEM';

/** Whose minutes they are. */
export type ClockOwner =
  /** The signed report is on its way. */
  | 'DELIVERY'
  /** We wait for the facility. */
  | 'FACILITY'
  /** Images are on their way to us. */
  | 'NETWORK'
  /** The case waits for a reader. */
  | 'QUEUE'
  /** A reader has it. */
  | 'READER';

/** Whether the target's time passes. */
export type ClockState =
  /** It stands still. */
  | 'PAUSED'
  /** It passes, or will once the case is ready. */
  | 'RUNNING'
  /** It is over. */
  | 'STOPPED';

/** From when on the days of a rule are counted. */
export type CountedFrom =
  /** The arrival of the newest image. */
  | 'ARRIVAL'
  /** The last time anybody opened the study, or its arrival. */
  | 'LAST_LOOK';

/** What of a study was deleted. */
export type DeletedPart =
  /** One instance. */
  | 'INSTANCE'
  /** One series. */
  | 'SERIES'
  /** All of it. */
  | 'STUDY';

/** The way a copy goes. */
export type DeliveryChannel =
  /** A link by mail. */
  | 'MAIL'
  /** To be opened here. */
  | 'PORTAL';

/** Where a copy of a report stands. */
export type DeliveryState =
  /** The recipient said so. */
  | 'ACKNOWLEDGED'
  /** The recipient has it. */
  | 'DELIVERED'
  /** It could not be sent. */
  | 'FAILED'
  /** To be sent. */
  | 'QUEUED'
  /** The carrier has taken it. */
  | 'SENT'
  /** A newer version goes instead. */
  | 'SUPERSEDED';

/** What `extensions.code` of an error, and `code` of a problem document, may say. */
export type ErrorCode =
  /** The called title belongs to another facility, or another organisation. */
  | 'AE_TITLE_TAKEN'
  /** The request cannot be understood. */
  | 'BAD_REQUEST'
  /** Another reader holds the case. */
  | 'CASE_ALREADY_CLAIMED'
  /** The case is not in a state that allows this. */
  | 'CASE_STATE'
  /** The claim lapsed, was released or broken. */
  | 'CLAIM_LOST'
  /** The data set is built to exhaust or confuse its readers. */
  | 'DATASET_HOSTILE'
  /** An announced instance came with another length, hash, series or study than was announced. */
  | 'DIFFERS_FROM_MANIFEST'
  /** The draft was changed elsewhere since it was loaded. */
  | 'DRAFT_CONFLICT'
  /** The person is a member already. */
  | 'EMAIL_TAKEN'
  /** The caller's role does not allow this. */
  | 'FORBIDDEN'
  /** The instance has no frame of that number. */
  | 'FRAME_OUT_OF_RANGE'
  /** The SOP Instance UID is stored already with other bytes; the first is kept, this one is quarantined. */
  | 'INSTANCE_CONFLICT'
  /** The file has no bytes. */
  | 'INSTANCE_EMPTY'
  /** The data set is another instance, or of another SOP class, than its sender said. */
  | 'INSTANCE_MISMATCH'
  /** The file ends before its data does. */
  | 'INSTANCE_TRUNCATED'
  /** Our fault; the log has the cause under the correlation id. */
  | 'INTERNAL'
  /** A field does not hold what it should. */
  | 'INVALID_INPUT'
  /** A UID is missing, longer than 64 characters or holds forbidden characters. */
  | 'INVALID_UID'
  /** The invitation is used, revoked or too old. */
  | 'INVITATION_EXPIRED'
  /** Only a dead job can be retried. */
  | 'JOB_NOT_DEAD'
  /** A legal hold forbids to delete the study; an administrator can lift it. */
  | 'LEGAL_HOLD'
  /** No policy of the organisation allows lossy copies of this study; nothing was handed out. */
  | 'LOSSY_NOT_ALLOWED'
  /** The name or code is used already. */
  | 'NAME_TAKEN'
  /** None of the acceptable media types can be served. */
  | 'NOT_ACCEPTABLE'
  /** No valid token came with the request. */
  | 'NOT_AUTHENTICATED'
  /** The instance cannot be handed out so that it says nothing of its patient, and nothing of it was. */
  | 'NOT_DEIDENTIFIABLE'
  /** The file is not DICOM. */
  | 'NOT_DICOM'
  /** It does not exist, or not for the caller; the two are never told apart. */
  | 'NOT_FOUND'
  /** The instance is not in the manifest of the upload it came with. */
  | 'NOT_IN_MANIFEST'
  /** A stored object is missing or does not match its checksum; it is never served. */
  | 'OBJECT_DAMAGED'
  /** The study is already stored for another patient, or by another facility; the two are never told apart. */
  | 'PATIENT_MISMATCH'
  /** The body is larger than the documented limit. */
  | 'PAYLOAD_TOO_LARGE'
  /** A DICOM node let us in and did not do what was asked. */
  | 'PEER_REFUSED'
  /** A DICOM node does not answer, or does not let us in. */
  | 'PEER_UNREACHABLE'
  /** The pixel data cannot be decoded. */
  | 'PIXELS_UNREADABLE'
  /** The GraphQL document is deeper, wider or costlier than the documented limits. */
  | 'QUERY_TOO_COMPLEX'
  /** The range that was asked for begins behind the end. */
  | 'RANGE_NOT_SATISFIABLE'
  /** Too many tries; `Retry-After` says when to come back. */
  | 'RATE_LIMITED'
  /** Required parts of the report are missing. */
  | 'REPORT_INCOMPLETE'
  /** A signed report is never edited. */
  | 'REPORT_SIGNED'
  /** The reader's text has characters that no font of the printer has. */
  | 'REPORT_UNPRINTABLE'
  /** The sender stopped in the middle of the request. */
  | 'REQUEST_TIMEOUT'
  /** Whoever signed the preliminary report does not make it final. */
  | 'SECOND_READER_REQUIRED'
  /** The session ended or was ended, for instance because a used refresh token came again. */
  | 'SESSION_REVOKED'
  /** The server is stopping; try again in a moment. */
  | 'SHUTTING_DOWN'
  /** E-mail or password is wrong; which of the two is not said. */
  | 'SIGN_IN_REFUSED'
  /** No space is left for new images; what is stored stays readable. */
  | 'STORAGE_FULL'
  /** The object store does not answer. */
  | 'STORAGE_UNAVAILABLE'
  /** Images arrived since the reader opened the case; a signature stands for all that is there. */
  | 'STUDY_CHANGED'
  /** The study, or the part of it that is meant, was deleted; it can be restored until it is removed for good. */
  | 'STUDY_DELETED'
  /** The study is being read, or has a signed report and the caller did not say that it is to go all the same. */
  | 'STUDY_IN_USE'
  /** The instance is not of the study the address names. */
  | 'STUDY_MISMATCH'
  /** The images are on media that are not at hand; a recall brings them back, a mere repetition does not. */
  | 'STUDY_OFFLINE'
  /** The person is a member of several tenants and named none. */
  | 'TENANT_CHOICE_REQUIRED'
  /** The transfer syntax cannot be read. */
  | 'TRANSFER_SYNTAX_UNKNOWN'
  /** The media type is not one this address takes. */
  | 'UNSUPPORTED_MEDIA_TYPE'
  /** The UID is another work item's. */
  | 'WORKITEM_EXISTS'
  /** The work item is not in a state that allows this; `status` is the Standard's (PS3.4 §CC.2). */
  | 'WORKITEM_STATE'
  /** The Transaction UID is missing or another than the one the work item is performed under. */
  | 'WORKITEM_TRANSACTION'
  /** The password asked again for a signature is wrong. */
  | 'WRONG_PASSWORD';

/** Where an invitation stands. */
export type InvitationState =
  /** Was accepted. */
  | 'ACCEPTED'
  /** Was not answered in time. */
  | 'EXPIRED'
  /** Waits for an answer. */
  | 'PENDING'
  /** Was withdrawn. */
  | 'REVOKED';

/** Where a job stands. */
export type JobState =
  /** Failed for good; an administrator can retry it. */
  | 'DEAD'
  /** Finished. */
  | 'DONE'
  /** Waits for its time and a runner. */
  | 'QUEUED'
  /** A runner holds its lease. */
  | 'RUNNING';

/** What a DICOM node may ask of us. */
export type NodeRight =
  /** Ask whether instances are safely kept (storage commitment). */
  | 'COMMIT'
  /** Search (C-FIND). */
  | 'FIND'
  /** Receive instances (C-GET). */
  | 'GET'
  /** Have instances sent to a node of its facility (C-MOVE). */
  | 'MOVE'
  /** Store instances (C-STORE). */
  | 'STORE';

/** How soon a case is to be read. */
export type Priority =
  /** As soon as possible. */
  | 'ASAP'
  /** Within the day. */
  | 'ROUTINE'
  /** At once. */
  | 'STAT'
  /** Within hours. */
  | 'URGENT';

/** A clinical pathway with a target of its own. */
export type ProtocolFlag =
  /** A patient in danger. */
  | 'CRITICAL'
  /** Suspected stroke. */
  | 'STROKE'
  /** Major trauma. */
  | 'TRAUMA';

/** How far the viewing rendition of a series is. */
export type RenditionState =
  /** To be made, or being made. */
  | 'PENDING'
  /** Made, or the originals need none. */
  | 'READY'
  /** Cannot be made; the originals serve. */
  | 'UNAVAILABLE';

/** Where a report stands. */
export type ReportState =
  /** Final, with an addendum. */
  | 'ADDENDED'
  /** Replaced by a corrected version. */
  | 'CORRECTED'
  /** Being written. */
  | 'DRAFT'
  /** Signed for good. */
  | 'FINAL'
  /** Written by one, to be signed by another. */
  | 'PENDING_SIGNATURE'
  /** Signed, but not for good. */
  | 'PRELIMINARY'
  /** Not valid any more. */
  | 'WITHDRAWN';

/** What a signed version is. */
export type ReportVersionKind =
  /** Something to add to it. */
  | 'ADDENDUM'
  /** The report. */
  | 'FINAL'
  /** Not for good. */
  | 'PRELIMINARY';

/** What a person is in a tenant. */
export type Role =
  /** Works at one or several facilities. */
  | 'FACILITY_STAFF'
  /** Runs the platform; sees no patient. */
  | 'OPERATOR'
  /** Reads for a tenant. */
  | 'RADIOLOGIST'
  /** Administers one tenant. */
  | 'TENANT_ADMIN';

/** How a draft is signed. */
export type SignKind =
  /** For good. */
  | 'FINAL'
  /** Another reader makes it final. */
  | 'PRELIMINARY';

/** How soon the images of a study are there. */
export type StudyAvailability =
  /** Slowly: they lie in the slow store. */
  | 'NEARLINE'
  /** Not before a recall brought back the media they are on. */
  | 'OFFLINE'
  /** At once. */
  | 'ONLINE';
