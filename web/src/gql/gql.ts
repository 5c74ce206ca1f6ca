/* eslint-disable */
import * as types from './graphql';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  query FacilityChoices {\n    facilities {\n      id\n      name\n      code\n    }\n  }\n": typeof types.FacilityChoicesDocument,
    "\n  query Members {\n    members {\n      userId\n      name\n      email\n      role\n      disabled\n      lastSignInAt\n      facilities {\n        id\n        name\n      }\n    }\n    invitations {\n      id\n      email\n      role\n      state\n      expiresAt\n      facilities {\n        id\n        name\n      }\n    }\n  }\n": typeof types.MembersDocument,
    "\n  mutation InviteMember($input: InviteMemberInput!) {\n    inviteMember(input: $input) {\n      id\n    }\n  }\n": typeof types.InviteMemberDocument,
    "\n  mutation RevokeInvitation($input: RevokeInvitationInput!) {\n    revokeInvitation(input: $input) {\n      id\n      state\n    }\n  }\n": typeof types.RevokeInvitationDocument,
    "\n  mutation SetMemberDisabled($input: SetMemberDisabledInput!) {\n    setMemberDisabled(input: $input) {\n      userId\n      disabled\n    }\n  }\n": typeof types.SetMemberDisabledDocument,
    "\n  query Facilities {\n    facilities {\n      id\n      name\n      code\n      reportEmail\n      createdAt\n    }\n  }\n": typeof types.FacilitiesDocument,
    "\n  mutation AddFacility($input: AddFacilityInput!) {\n    addFacility(input: $input) {\n      id\n    }\n  }\n": typeof types.AddFacilityDocument,
    "\n  query Jobs($state: JobState, $first: Int, $after: String) {\n    jobs(state: $state, first: $first, after: $after) {\n      endCursor\n      hasNextPage\n      counts {\n        queued\n        running\n        dead\n        doneLastDay\n      }\n      nodes {\n        id\n        kind\n        state\n        subject\n        attempts\n        maxAttempts\n        runAt\n        createdAt\n        finishedAt\n        lastError\n      }\n    }\n  }\n": typeof types.JobsDocument,
    "\n  mutation RetryJob($input: RetryJobInput!) {\n    retryJob(input: $input) {\n      id\n      state\n    }\n  }\n": typeof types.RetryJobDocument,
    "\n  query Audit($filter: AuditFilter, $first: Int, $after: String) {\n    auditTrail(filter: $filter, first: $first, after: $after) {\n      endCursor\n      hasNextPage\n      nodes {\n        sequence\n        at\n        actor\n        actorKind\n        actorId\n        action\n        object\n        caseId\n        outcome\n        address\n        userAgent\n        detail\n        hash\n      }\n    }\n  }\n": typeof types.AuditDocument,
    "\n  query AuditVerification {\n    auditVerification {\n      intact\n      events\n      firstBrokenSequence\n      checkpoints\n      unreadableCheckpoints\n      newestCheckpointSequence\n      newestCheckpointAt\n      firstContradictedSequence\n    }\n  }\n": typeof types.AuditVerificationDocument,
    "\n  query Quarantine {\n    quarantine {\n      id\n      sopInstanceUid\n      studyInstanceUid\n      reason\n      receivedAt\n      facility\n      bytes\n      sha256\n    }\n  }\n": typeof types.QuarantineDocument,
    "\n  query DeletedStudies($first: Int, $after: String) {\n    deletedStudies(first: $first, after: $after) {\n      endCursor\n      hasNextPage\n      nodes {\n        id\n        part\n        patientName\n        patientId\n        description\n        studyDate\n        modalities\n        instanceCount\n        bytes\n        reason\n        deletedBy\n        deletedAt\n        purgeAt\n        onLegalHold\n      }\n    }\n  }\n": typeof types.DeletedStudiesDocument,
    "\n  mutation RestoreStudy($input: RestoreStudyInput!) {\n    restoreStudy(input: $input) {\n      id\n    }\n  }\n": typeof types.RestoreStudyDocument,
    "\n  query ApiKeys {\n    apiKeys {\n      id\n      name\n      scopes\n      prefix\n      createdAt\n      lastUsedAt\n      revokedAt\n    }\n  }\n": typeof types.ApiKeysDocument,
    "\n  mutation CreateApiKey($input: CreateApiKeyInput!) {\n    createApiKey(input: $input) {\n      secret\n      apiKey {\n        id\n        name\n        prefix\n      }\n    }\n  }\n": typeof types.CreateApiKeyDocument,
    "\n  mutation RevokeApiKey($input: RevokeApiKeyInput!) {\n    revokeApiKey(input: $input) {\n      id\n      revokedAt\n    }\n  }\n": typeof types.RevokeApiKeyDocument,
    "\n  query DicomNodes {\n    dicomNodes {\n      id\n      facilityId\n      name\n      calledTitle\n      peerTitle\n      addresses\n      certificates\n      requiresTls\n      rights\n      takesPrivateClasses\n      host\n      port\n      usesTls\n      isEnabled\n    }\n  }\n": typeof types.DicomNodesDocument,
    "\n  mutation AddDicomNode($input: DicomNodeInput!) {\n    addDicomNode(input: $input) {\n      id\n    }\n  }\n": typeof types.AddDicomNodeDocument,
    "\n  mutation ChangeDicomNode($input: ChangeDicomNodeInput!) {\n    changeDicomNode(input: $input) {\n      id\n    }\n  }\n": typeof types.ChangeDicomNodeDocument,
    "\n  mutation RemoveDicomNode($input: RemoveDicomNodeInput!) {\n    removeDicomNode(input: $input) {\n      nodeId\n    }\n  }\n": typeof types.RemoveDicomNodeDocument,
    "\n  mutation VerifyDicomNode($input: VerifyDicomNodeInput!) {\n    verifyDicomNode(input: $input) {\n      answered\n      milliseconds\n      problem\n    }\n  }\n": typeof types.VerifyDicomNodeDocument,
    "\n  query Cases($filter: WorklistFilter, $first: Int) {\n    worklist(filter: $filter, first: $first) {\n      totalCount\n      hasNextPage\n      nodes {\n        id\n        state\n        priority\n        protocolFlag\n        createdAt\n        dueAt\n        breached\n        receivedCount\n        expectedCount\n        receivedPercent\n        lateImages\n        facility {\n          id\n          name\n          code\n        }\n        patient {\n          name\n          patientId\n          sex\n          ageAtStudy\n        }\n        study {\n          description\n          studyDate\n          modalities\n          bodyPart\n          accessionNumber\n          instanceCount\n        }\n        holder {\n          name\n        }\n        report {\n          state\n          versions {\n            id\n          }\n        }\n        deliveries {\n          id\n          channel\n          state\n        }\n        clock {\n          state\n          elapsedSeconds\n        }\n      }\n    }\n  }\n": typeof types.CasesDocument,
    "\n  query Case($id: ID!) {\n    case(id: $id) {\n      id\n      state\n      priority\n      protocolFlag\n      indication\n      createdAt\n      readyAt\n      dueAt\n      warned\n      breached\n      receivedCount\n      expectedCount\n      receivedPercent\n      lateImages\n      facility {\n        id\n        name\n        code\n      }\n      patient {\n        name\n        patientId\n        issuer\n        birthDate\n        sex\n        ageAtStudy\n      }\n      study {\n        id\n        studyInstanceUid\n        accessionNumber\n        description\n        studyDate\n        modalities\n        bodyPart\n        seriesCount\n        instanceCount\n        bytes\n        onLegalHold\n        availability\n        recallRequestedAt\n        series {\n          id\n          modality\n          number\n          description\n          instanceCount\n          thumbnailUrl\n        }\n      }\n      holder {\n        name\n        since\n      }\n      clock {\n        state\n        startedAt\n        targetSeconds\n        elapsedSeconds\n        owner\n        spans {\n          owner\n          from\n          to\n          seconds\n        }\n        events {\n          at\n          kind\n          owner\n          actor\n        }\n      }\n      report {\n        id\n        state\n        versions {\n          id\n          number\n          kind\n          signedAt\n          signedBy\n          sha256\n          pdfUrl\n          sections {\n            key\n            title\n            text\n          }\n        }\n      }\n      deliveries {\n        id\n        channel\n        recipient\n        state\n        queuedAt\n        deliveredAt\n        acknowledgedAt\n        lastError\n      }\n    }\n  }\n": typeof types.CaseDocument,
    "\n  mutation AcknowledgeReport($input: CaseInput!) {\n    acknowledgeReport(input: $input) {\n      id\n      deliveries {\n        id\n        state\n        acknowledgedAt\n      }\n    }\n  }\n": typeof types.AcknowledgeReportDocument,
    "\n  mutation SetCasePriority($input: SetCasePriorityInput!) {\n    setCasePriority(input: $input) {\n      id\n      priority\n      protocolFlag\n      dueAt\n    }\n  }\n": typeof types.SetCasePriorityDocument,
    "\n  mutation RecallStudy($input: RecallStudyInput!) {\n    recallStudy(input: $input)\n  }\n": typeof types.RecallStudyDocument,
    "\n  query LegalHolds($studyId: ID!) {\n    legalHolds(studyId: $studyId) {\n      id\n      reason\n      placedBy\n      placedAt\n    }\n  }\n": typeof types.LegalHoldsDocument,
    "\n  mutation PlaceLegalHold($input: LegalHoldInput!) {\n    placeLegalHold(input: $input) {\n      id\n    }\n  }\n": typeof types.PlaceLegalHoldDocument,
    "\n  mutation LiftLegalHold($input: LegalHoldInput!) {\n    liftLegalHold(input: $input)\n  }\n": typeof types.LiftLegalHoldDocument,
    "\n  mutation DeleteStudy($input: DeleteStudyInput!) {\n    deleteStudy(input: $input)\n  }\n": typeof types.DeleteStudyDocument,
    "\n  query StudyDestinations {\n    studyDestinations {\n      id\n      name\n    }\n  }\n": typeof types.StudyDestinationsDocument,
    "\n  mutation SendStudy($input: SendStudyInput!) {\n    sendStudy(input: $input) {\n      jobId\n    }\n  }\n": typeof types.SendStudyDocument,
    "\n  query PlatformTenants($reason: String!) {\n    platformTenants(reason: $reason) {\n      id\n      slug\n      name\n      members\n      studies\n      instances\n      storedBytes\n      openCases\n      deadJobs\n      createdAt\n    }\n  }\n": typeof types.PlatformTenantsDocument,
    "\n  fragment ReadingCaseFields on Case {\n    id\n    state\n    priority\n    protocolFlag\n    indication\n    dueAt\n    lateImages\n    receivedCount\n    expectedCount\n    receivedPercent\n    myClaimToken\n    facility { id name }\n    patient { id name patientId birthDate sex ageAtStudy }\n    study {\n      id studyInstanceUid accessionNumber description studyDate modalities bodyPart instanceCount\n      series { id seriesInstanceUid modality number description instanceCount frameCount thumbnailUrl }\n    }\n    holder { userId name since leaseExpiresAt }\n    draft { ...DraftFields }\n    report { id state versions { ...VersionFields } }\n    keyImages { id sopInstanceUid seriesInstanceUid frame note }\n  }\n": typeof types.ReadingCaseFieldsFragmentDoc,
    "\n  fragment DraftFields on ReportDraft {\n    revision\n    templateId\n    updatedAt\n    sections { key title text required }\n  }\n": typeof types.DraftFieldsFragmentDoc,
    "\n  fragment VersionFields on ReportVersion {\n    id\n    number\n    kind\n    signedAt\n    signedBy\n    signerId\n    sha256\n    pdfUrl\n    sections { key title text required }\n  }\n": typeof types.VersionFieldsFragmentDoc,
    "\n  query ReadingCase($id: ID!) {\n    case(id: $id) { ...ReadingCaseFields }\n  }\n": typeof types.ReadingCaseDocument,
    "\n  fragment TemplateFields on ReportTemplate {\n    id\n    name\n    language\n    sections { key title text required }\n  }\n": typeof types.TemplateFieldsFragmentDoc,
    "\n  query ReportTemplates($modality: String, $bodyPart: String) {\n    fitting: reportTemplates(modality: $modality, bodyPart: $bodyPart) { ...TemplateFields }\n    all: reportTemplates { ...TemplateFields }\n  }\n": typeof types.ReportTemplatesDocument,
    "\n  query NextCases {\n    worklist(filter: { states: [READY_TO_READ] }, first: 5) { nodes { id } }\n  }\n": typeof types.NextCasesDocument,
    "\n  mutation ClaimForReading($input: ClaimCaseInput!) {\n    claimCase(input: $input) { claimToken leaseExpiresAt renewEverySeconds case { ...ReadingCaseFields } }\n  }\n": typeof types.ClaimForReadingDocument,
    "\n  mutation RenewClaim($input: ClaimTokenInput!) {\n    renewClaim(input: $input) { claimToken leaseExpiresAt renewEverySeconds }\n  }\n": typeof types.RenewClaimDocument,
    "\n  mutation ReleaseClaim($input: ClaimTokenInput!) {\n    releaseClaim(input: $input) { id state }\n  }\n": typeof types.ReleaseClaimDocument,
    "\n  mutation SaveReportDraft($input: SaveReportDraftInput!) {\n    saveReportDraft(input: $input) { revision updatedAt }\n  }\n": typeof types.SaveReportDraftDocument,
    "\n  mutation SignReport($input: SignReportInput!) {\n    signReport(input: $input) { ...ReadingCaseFields }\n  }\n": typeof types.SignReportDocument,
    "\n  mutation AddAddendum($input: AddAddendumInput!) {\n    addAddendum(input: $input) { ...ReadingCaseFields }\n  }\n": typeof types.AddAddendumDocument,
    "\n  mutation AcknowledgeLateImages($input: AcknowledgeLateImagesInput!) {\n    acknowledgeLateImages(input: $input) { id lateImages }\n  }\n": typeof types.AcknowledgeLateImagesDocument,
    "\n  mutation MarkKeyImage($input: MarkKeyImageInput!) {\n    markKeyImage(input: $input) { id sopInstanceUid seriesInstanceUid frame }\n  }\n": typeof types.MarkKeyImageDocument,
    "\n  mutation RemoveKeyImage($input: RemoveKeyImageInput!) {\n    removeKeyImage(input: $input) { id keyImages { id } }\n  }\n": typeof types.RemoveKeyImageDocument,
    "\n  fragment WorklistRow on Case {\n    id\n    state\n    priority\n    protocolFlag\n    createdAt\n    readyAt\n    dueAt\n    warned\n    breached\n    receivedCount\n    expectedCount\n    receivedPercent\n    lateImages\n    indication\n    myClaimToken\n    facility { id name }\n    patient { id name patientId sex ageAtStudy birthDate }\n    study { id description bodyPart modalities instanceCount seriesCount thumbnailUrl accessionNumber studyDate }\n    holder { userId name since }\n    report { id state versions { id kind signedAt signedBy signerId } }\n  }\n": typeof types.WorklistRowFragmentDoc,
    "\n  query Worklist($filter: WorklistFilter, $first: Int!, $after: String) {\n    worklist(filter: $filter, first: $first, after: $after) {\n      nodes { ...WorklistRow }\n      endCursor\n      hasNextPage\n    }\n  }\n": typeof types.WorklistDocument,
    "\n  query WorklistCase($id: ID!) {\n    case(id: $id) { ...WorklistRow }\n  }\n": typeof types.WorklistCaseDocument,
    "\n  query CasePreview($id: ID!) {\n    case(id: $id) {\n      ...WorklistRow\n      patient { issuer }\n      study { id series { id seriesInstanceUid modality number description instanceCount thumbnailUrl } }\n      clock { state targetSeconds elapsedSeconds owner spans { owner from to seconds } }\n    }\n  }\n": typeof types.CasePreviewDocument,
    "\n  mutation ClaimFromWorklist($input: ClaimCaseInput!) {\n    claimCase(input: $input) { claimToken case { ...WorklistRow } }\n  }\n": typeof types.ClaimFromWorklistDocument,
    "\n  mutation ReleaseFromWorklist($input: ClaimTokenInput!) {\n    releaseClaim(input: $input) { ...WorklistRow }\n  }\n": typeof types.ReleaseFromWorklistDocument,
};
const documents: Documents = {
    "\n  query FacilityChoices {\n    facilities {\n      id\n      name\n      code\n    }\n  }\n": types.FacilityChoicesDocument,
    "\n  query Members {\n    members {\n      userId\n      name\n      email\n      role\n      disabled\n      lastSignInAt\n      facilities {\n        id\n        name\n      }\n    }\n    invitations {\n      id\n      email\n      role\n      state\n      expiresAt\n      facilities {\n        id\n        name\n      }\n    }\n  }\n": types.MembersDocument,
    "\n  mutation InviteMember($input: InviteMemberInput!) {\n    inviteMember(input: $input) {\n      id\n    }\n  }\n": types.InviteMemberDocument,
    "\n  mutation RevokeInvitation($input: RevokeInvitationInput!) {\n    revokeInvitation(input: $input) {\n      id\n      state\n    }\n  }\n": types.RevokeInvitationDocument,
    "\n  mutation SetMemberDisabled($input: SetMemberDisabledInput!) {\n    setMemberDisabled(input: $input) {\n      userId\n      disabled\n    }\n  }\n": types.SetMemberDisabledDocument,
    "\n  query Facilities {\n    facilities {\n      id\n      name\n      code\n      reportEmail\n      createdAt\n    }\n  }\n": types.FacilitiesDocument,
    "\n  mutation AddFacility($input: AddFacilityInput!) {\n    addFacility(input: $input) {\n      id\n    }\n  }\n": types.AddFacilityDocument,
    "\n  query Jobs($state: JobState, $first: Int, $after: String) {\n    jobs(state: $state, first: $first, after: $after) {\n      endCursor\n      hasNextPage\n      counts {\n        queued\n        running\n        dead\n        doneLastDay\n      }\n      nodes {\n        id\n        kind\n        state\n        subject\n        attempts\n        maxAttempts\n        runAt\n        createdAt\n        finishedAt\n        lastError\n      }\n    }\n  }\n": types.JobsDocument,
    "\n  mutation RetryJob($input: RetryJobInput!) {\n    retryJob(input: $input) {\n      id\n      state\n    }\n  }\n": types.RetryJobDocument,
    "\n  query Audit($filter: AuditFilter, $first: Int, $after: String) {\n    auditTrail(filter: $filter, first: $first, after: $after) {\n      endCursor\n      hasNextPage\n      nodes {\n        sequence\n        at\n        actor\n        actorKind\n        actorId\n        action\n        object\n        caseId\n        outcome\n        address\n        userAgent\n        detail\n        hash\n      }\n    }\n  }\n": types.AuditDocument,
    "\n  query AuditVerification {\n    auditVerification {\n      intact\n      events\n      firstBrokenSequence\n      checkpoints\n      unreadableCheckpoints\n      newestCheckpointSequence\n      newestCheckpointAt\n      firstContradictedSequence\n    }\n  }\n": types.AuditVerificationDocument,
    "\n  query Quarantine {\n    quarantine {\n      id\n      sopInstanceUid\n      studyInstanceUid\n      reason\n      receivedAt\n      facility\n      bytes\n      sha256\n    }\n  }\n": types.QuarantineDocument,
    "\n  query DeletedStudies($first: Int, $after: String) {\n    deletedStudies(first: $first, after: $after) {\n      endCursor\n      hasNextPage\n      nodes {\n        id\n        part\n        patientName\n        patientId\n        description\n        studyDate\n        modalities\n        instanceCount\n        bytes\n        reason\n        deletedBy\n        deletedAt\n        purgeAt\n        onLegalHold\n      }\n    }\n  }\n": types.DeletedStudiesDocument,
    "\n  mutation RestoreStudy($input: RestoreStudyInput!) {\n    restoreStudy(input: $input) {\n      id\n    }\n  }\n": types.RestoreStudyDocument,
    "\n  query ApiKeys {\n    apiKeys {\n      id\n      name\n      scopes\n      prefix\n      createdAt\n      lastUsedAt\n      revokedAt\n    }\n  }\n": types.ApiKeysDocument,
    "\n  mutation CreateApiKey($input: CreateApiKeyInput!) {\n    createApiKey(input: $input) {\n      secret\n      apiKey {\n        id\n        name\n        prefix\n      }\n    }\n  }\n": types.CreateApiKeyDocument,
    "\n  mutation RevokeApiKey($input: RevokeApiKeyInput!) {\n    revokeApiKey(input: $input) {\n      id\n      revokedAt\n    }\n  }\n": types.RevokeApiKeyDocument,
    "\n  query DicomNodes {\n    dicomNodes {\n      id\n      facilityId\n      name\n      calledTitle\n      peerTitle\n      addresses\n      certificates\n      requiresTls\n      rights\n      takesPrivateClasses\n      host\n      port\n      usesTls\n      isEnabled\n    }\n  }\n": types.DicomNodesDocument,
    "\n  mutation AddDicomNode($input: DicomNodeInput!) {\n    addDicomNode(input: $input) {\n      id\n    }\n  }\n": types.AddDicomNodeDocument,
    "\n  mutation ChangeDicomNode($input: ChangeDicomNodeInput!) {\n    changeDicomNode(input: $input) {\n      id\n    }\n  }\n": types.ChangeDicomNodeDocument,
    "\n  mutation RemoveDicomNode($input: RemoveDicomNodeInput!) {\n    removeDicomNode(input: $input) {\n      nodeId\n    }\n  }\n": types.RemoveDicomNodeDocument,
    "\n  mutation VerifyDicomNode($input: VerifyDicomNodeInput!) {\n    verifyDicomNode(input: $input) {\n      answered\n      milliseconds\n      problem\n    }\n  }\n": types.VerifyDicomNodeDocument,
    "\n  query Cases($filter: WorklistFilter, $first: Int) {\n    worklist(filter: $filter, first: $first) {\n      totalCount\n      hasNextPage\n      nodes {\n        id\n        state\n        priority\n        protocolFlag\n        createdAt\n        dueAt\n        breached\n        receivedCount\n        expectedCount\n        receivedPercent\n        lateImages\n        facility {\n          id\n          name\n          code\n        }\n        patient {\n          name\n          patientId\n          sex\n          ageAtStudy\n        }\n        study {\n          description\n          studyDate\n          modalities\n          bodyPart\n          accessionNumber\n          instanceCount\n        }\n        holder {\n          name\n        }\n        report {\n          state\n          versions {\n            id\n          }\n        }\n        deliveries {\n          id\n          channel\n          state\n        }\n        clock {\n          state\n          elapsedSeconds\n        }\n      }\n    }\n  }\n": types.CasesDocument,
    "\n  query Case($id: ID!) {\n    case(id: $id) {\n      id\n      state\n      priority\n      protocolFlag\n      indication\n      createdAt\n      readyAt\n      dueAt\n      warned\n      breached\n      receivedCount\n      expectedCount\n      receivedPercent\n      lateImages\n      facility {\n        id\n        name\n        code\n      }\n      patient {\n        name\n        patientId\n        issuer\n        birthDate\n        sex\n        ageAtStudy\n      }\n      study {\n        id\n        studyInstanceUid\n        accessionNumber\n        description\n        studyDate\n        modalities\n        bodyPart\n        seriesCount\n        instanceCount\n        bytes\n        onLegalHold\n        availability\n        recallRequestedAt\n        series {\n          id\n          modality\n          number\n          description\n          instanceCount\n          thumbnailUrl\n        }\n      }\n      holder {\n        name\n        since\n      }\n      clock {\n        state\n        startedAt\n        targetSeconds\n        elapsedSeconds\n        owner\n        spans {\n          owner\n          from\n          to\n          seconds\n        }\n        events {\n          at\n          kind\n          owner\n          actor\n        }\n      }\n      report {\n        id\n        state\n        versions {\n          id\n          number\n          kind\n          signedAt\n          signedBy\n          sha256\n          pdfUrl\n          sections {\n            key\n            title\n            text\n          }\n        }\n      }\n      deliveries {\n        id\n        channel\n        recipient\n        state\n        queuedAt\n        deliveredAt\n        acknowledgedAt\n        lastError\n      }\n    }\n  }\n": types.CaseDocument,
    "\n  mutation AcknowledgeReport($input: CaseInput!) {\n    acknowledgeReport(input: $input) {\n      id\n      deliveries {\n        id\n        state\n        acknowledgedAt\n      }\n    }\n  }\n": types.AcknowledgeReportDocument,
    "\n  mutation SetCasePriority($input: SetCasePriorityInput!) {\n    setCasePriority(input: $input) {\n      id\n      priority\n      protocolFlag\n      dueAt\n    }\n  }\n": types.SetCasePriorityDocument,
    "\n  mutation RecallStudy($input: RecallStudyInput!) {\n    recallStudy(input: $input)\n  }\n": types.RecallStudyDocument,
    "\n  query LegalHolds($studyId: ID!) {\n    legalHolds(studyId: $studyId) {\n      id\n      reason\n      placedBy\n      placedAt\n    }\n  }\n": types.LegalHoldsDocument,
    "\n  mutation PlaceLegalHold($input: LegalHoldInput!) {\n    placeLegalHold(input: $input) {\n      id\n    }\n  }\n": types.PlaceLegalHoldDocument,
    "\n  mutation LiftLegalHold($input: LegalHoldInput!) {\n    liftLegalHold(input: $input)\n  }\n": types.LiftLegalHoldDocument,
    "\n  mutation DeleteStudy($input: DeleteStudyInput!) {\n    deleteStudy(input: $input)\n  }\n": types.DeleteStudyDocument,
    "\n  query StudyDestinations {\n    studyDestinations {\n      id\n      name\n    }\n  }\n": types.StudyDestinationsDocument,
    "\n  mutation SendStudy($input: SendStudyInput!) {\n    sendStudy(input: $input) {\n      jobId\n    }\n  }\n": types.SendStudyDocument,
    "\n  query PlatformTenants($reason: String!) {\n    platformTenants(reason: $reason) {\n      id\n      slug\n      name\n      members\n      studies\n      instances\n      storedBytes\n      openCases\n      deadJobs\n      createdAt\n    }\n  }\n": types.PlatformTenantsDocument,
    "\n  fragment ReadingCaseFields on Case {\n    id\n    state\n    priority\n    protocolFlag\n    indication\n    dueAt\n    lateImages\n    receivedCount\n    expectedCount\n    receivedPercent\n    myClaimToken\n    facility { id name }\n    patient { id name patientId birthDate sex ageAtStudy }\n    study {\n      id studyInstanceUid accessionNumber description studyDate modalities bodyPart instanceCount\n      series { id seriesInstanceUid modality number description instanceCount frameCount thumbnailUrl }\n    }\n    holder { userId name since leaseExpiresAt }\n    draft { ...DraftFields }\n    report { id state versions { ...VersionFields } }\n    keyImages { id sopInstanceUid seriesInstanceUid frame note }\n  }\n": types.ReadingCaseFieldsFragmentDoc,
    "\n  fragment DraftFields on ReportDraft {\n    revision\n    templateId\n    updatedAt\n    sections { key title text required }\n  }\n": types.DraftFieldsFragmentDoc,
    "\n  fragment VersionFields on ReportVersion {\n    id\n    number\n    kind\n    signedAt\n    signedBy\n    signerId\n    sha256\n    pdfUrl\n    sections { key title text required }\n  }\n": types.VersionFieldsFragmentDoc,
    "\n  query ReadingCase($id: ID!) {\n    case(id: $id) { ...ReadingCaseFields }\n  }\n": types.ReadingCaseDocument,
    "\n  fragment TemplateFields on ReportTemplate {\n    id\n    name\n    language\n    sections { key title text required }\n  }\n": types.TemplateFieldsFragmentDoc,
    "\n  query ReportTemplates($modality: String, $bodyPart: String) {\n    fitting: reportTemplates(modality: $modality, bodyPart: $bodyPart) { ...TemplateFields }\n    all: reportTemplates { ...TemplateFields }\n  }\n": types.ReportTemplatesDocument,
    "\n  query NextCases {\n    worklist(filter: { states: [READY_TO_READ] }, first: 5) { nodes { id } }\n  }\n": types.NextCasesDocument,
    "\n  mutation ClaimForReading($input: ClaimCaseInput!) {\n    claimCase(input: $input) { claimToken leaseExpiresAt renewEverySeconds case { ...ReadingCaseFields } }\n  }\n": types.ClaimForReadingDocument,
    "\n  mutation RenewClaim($input: ClaimTokenInput!) {\n    renewClaim(input: $input) { claimToken leaseExpiresAt renewEverySeconds }\n  }\n": types.RenewClaimDocument,
    "\n  mutation ReleaseClaim($input: ClaimTokenInput!) {\n    releaseClaim(input: $input) { id state }\n  }\n": types.ReleaseClaimDocument,
    "\n  mutation SaveReportDraft($input: SaveReportDraftInput!) {\n    saveReportDraft(input: $input) { revision updatedAt }\n  }\n": types.SaveReportDraftDocument,
    "\n  mutation SignReport($input: SignReportInput!) {\n    signReport(input: $input) { ...ReadingCaseFields }\n  }\n": types.SignReportDocument,
    "\n  mutation AddAddendum($input: AddAddendumInput!) {\n    addAddendum(input: $input) { ...ReadingCaseFields }\n  }\n": types.AddAddendumDocument,
    "\n  mutation AcknowledgeLateImages($input: AcknowledgeLateImagesInput!) {\n    acknowledgeLateImages(input: $input) { id lateImages }\n  }\n": types.AcknowledgeLateImagesDocument,
    "\n  mutation MarkKeyImage($input: MarkKeyImageInput!) {\n    markKeyImage(input: $input) { id sopInstanceUid seriesInstanceUid frame }\n  }\n": types.MarkKeyImageDocument,
    "\n  mutation RemoveKeyImage($input: RemoveKeyImageInput!) {\n    removeKeyImage(input: $input) { id keyImages { id } }\n  }\n": types.RemoveKeyImageDocument,
    "\n  fragment WorklistRow on Case {\n    id\n    state\n    priority\n    protocolFlag\n    createdAt\n    readyAt\n    dueAt\n    warned\n    breached\n    receivedCount\n    expectedCount\n    receivedPercent\n    lateImages\n    indication\n    myClaimToken\n    facility { id name }\n    patient { id name patientId sex ageAtStudy birthDate }\n    study { id description bodyPart modalities instanceCount seriesCount thumbnailUrl accessionNumber studyDate }\n    holder { userId name since }\n    report { id state versions { id kind signedAt signedBy signerId } }\n  }\n": types.WorklistRowFragmentDoc,
    "\n  query Worklist($filter: WorklistFilter, $first: Int!, $after: String) {\n    worklist(filter: $filter, first: $first, after: $after) {\n      nodes { ...WorklistRow }\n      endCursor\n      hasNextPage\n    }\n  }\n": types.WorklistDocument,
    "\n  query WorklistCase($id: ID!) {\n    case(id: $id) { ...WorklistRow }\n  }\n": types.WorklistCaseDocument,
    "\n  query CasePreview($id: ID!) {\n    case(id: $id) {\n      ...WorklistRow\n      patient { issuer }\n      study { id series { id seriesInstanceUid modality number description instanceCount thumbnailUrl } }\n      clock { state targetSeconds elapsedSeconds owner spans { owner from to seconds } }\n    }\n  }\n": types.CasePreviewDocument,
    "\n  mutation ClaimFromWorklist($input: ClaimCaseInput!) {\n    claimCase(input: $input) { claimToken case { ...WorklistRow } }\n  }\n": types.ClaimFromWorklistDocument,
    "\n  mutation ReleaseFromWorklist($input: ClaimTokenInput!) {\n    releaseClaim(input: $input) { ...WorklistRow }\n  }\n": types.ReleaseFromWorklistDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query FacilityChoices {\n    facilities {\n      id\n      name\n      code\n    }\n  }\n"): (typeof documents)["\n  query FacilityChoices {\n    facilities {\n      id\n      name\n      code\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Members {\n    members {\n      userId\n      name\n      email\n      role\n      disabled\n      lastSignInAt\n      facilities {\n        id\n        name\n      }\n    }\n    invitations {\n      id\n      email\n      role\n      state\n      expiresAt\n      facilities {\n        id\n        name\n      }\n    }\n  }\n"): (typeof documents)["\n  query Members {\n    members {\n      userId\n      name\n      email\n      role\n      disabled\n      lastSignInAt\n      facilities {\n        id\n        name\n      }\n    }\n    invitations {\n      id\n      email\n      role\n      state\n      expiresAt\n      facilities {\n        id\n        name\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation InviteMember($input: InviteMemberInput!) {\n    inviteMember(input: $input) {\n      id\n    }\n  }\n"): (typeof documents)["\n  mutation InviteMember($input: InviteMemberInput!) {\n    inviteMember(input: $input) {\n      id\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RevokeInvitation($input: RevokeInvitationInput!) {\n    revokeInvitation(input: $input) {\n      id\n      state\n    }\n  }\n"): (typeof documents)["\n  mutation RevokeInvitation($input: RevokeInvitationInput!) {\n    revokeInvitation(input: $input) {\n      id\n      state\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SetMemberDisabled($input: SetMemberDisabledInput!) {\n    setMemberDisabled(input: $input) {\n      userId\n      disabled\n    }\n  }\n"): (typeof documents)["\n  mutation SetMemberDisabled($input: SetMemberDisabledInput!) {\n    setMemberDisabled(input: $input) {\n      userId\n      disabled\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Facilities {\n    facilities {\n      id\n      name\n      code\n      reportEmail\n      createdAt\n    }\n  }\n"): (typeof documents)["\n  query Facilities {\n    facilities {\n      id\n      name\n      code\n      reportEmail\n      createdAt\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AddFacility($input: AddFacilityInput!) {\n    addFacility(input: $input) {\n      id\n    }\n  }\n"): (typeof documents)["\n  mutation AddFacility($input: AddFacilityInput!) {\n    addFacility(input: $input) {\n      id\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Jobs($state: JobState, $first: Int, $after: String) {\n    jobs(state: $state, first: $first, after: $after) {\n      endCursor\n      hasNextPage\n      counts {\n        queued\n        running\n        dead\n        doneLastDay\n      }\n      nodes {\n        id\n        kind\n        state\n        subject\n        attempts\n        maxAttempts\n        runAt\n        createdAt\n        finishedAt\n        lastError\n      }\n    }\n  }\n"): (typeof documents)["\n  query Jobs($state: JobState, $first: Int, $after: String) {\n    jobs(state: $state, first: $first, after: $after) {\n      endCursor\n      hasNextPage\n      counts {\n        queued\n        running\n        dead\n        doneLastDay\n      }\n      nodes {\n        id\n        kind\n        state\n        subject\n        attempts\n        maxAttempts\n        runAt\n        createdAt\n        finishedAt\n        lastError\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RetryJob($input: RetryJobInput!) {\n    retryJob(input: $input) {\n      id\n      state\n    }\n  }\n"): (typeof documents)["\n  mutation RetryJob($input: RetryJobInput!) {\n    retryJob(input: $input) {\n      id\n      state\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Audit($filter: AuditFilter, $first: Int, $after: String) {\n    auditTrail(filter: $filter, first: $first, after: $after) {\n      endCursor\n      hasNextPage\n      nodes {\n        sequence\n        at\n        actor\n        actorKind\n        actorId\n        action\n        object\n        caseId\n        outcome\n        address\n        userAgent\n        detail\n        hash\n      }\n    }\n  }\n"): (typeof documents)["\n  query Audit($filter: AuditFilter, $first: Int, $after: String) {\n    auditTrail(filter: $filter, first: $first, after: $after) {\n      endCursor\n      hasNextPage\n      nodes {\n        sequence\n        at\n        actor\n        actorKind\n        actorId\n        action\n        object\n        caseId\n        outcome\n        address\n        userAgent\n        detail\n        hash\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query AuditVerification {\n    auditVerification {\n      intact\n      events\n      firstBrokenSequence\n      checkpoints\n      unreadableCheckpoints\n      newestCheckpointSequence\n      newestCheckpointAt\n      firstContradictedSequence\n    }\n  }\n"): (typeof documents)["\n  query AuditVerification {\n    auditVerification {\n      intact\n      events\n      firstBrokenSequence\n      checkpoints\n      unreadableCheckpoints\n      newestCheckpointSequence\n      newestCheckpointAt\n      firstContradictedSequence\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Quarantine {\n    quarantine {\n      id\n      sopInstanceUid\n      studyInstanceUid\n      reason\n      receivedAt\n      facility\n      bytes\n      sha256\n    }\n  }\n"): (typeof documents)["\n  query Quarantine {\n    quarantine {\n      id\n      sopInstanceUid\n      studyInstanceUid\n      reason\n      receivedAt\n      facility\n      bytes\n      sha256\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query DeletedStudies($first: Int, $after: String) {\n    deletedStudies(first: $first, after: $after) {\n      endCursor\n      hasNextPage\n      nodes {\n        id\n        part\n        patientName\n        patientId\n        description\n        studyDate\n        modalities\n        instanceCount\n        bytes\n        reason\n        deletedBy\n        deletedAt\n        purgeAt\n        onLegalHold\n      }\n    }\n  }\n"): (typeof documents)["\n  query DeletedStudies($first: Int, $after: String) {\n    deletedStudies(first: $first, after: $after) {\n      endCursor\n      hasNextPage\n      nodes {\n        id\n        part\n        patientName\n        patientId\n        description\n        studyDate\n        modalities\n        instanceCount\n        bytes\n        reason\n        deletedBy\n        deletedAt\n        purgeAt\n        onLegalHold\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RestoreStudy($input: RestoreStudyInput!) {\n    restoreStudy(input: $input) {\n      id\n    }\n  }\n"): (typeof documents)["\n  mutation RestoreStudy($input: RestoreStudyInput!) {\n    restoreStudy(input: $input) {\n      id\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ApiKeys {\n    apiKeys {\n      id\n      name\n      scopes\n      prefix\n      createdAt\n      lastUsedAt\n      revokedAt\n    }\n  }\n"): (typeof documents)["\n  query ApiKeys {\n    apiKeys {\n      id\n      name\n      scopes\n      prefix\n      createdAt\n      lastUsedAt\n      revokedAt\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation CreateApiKey($input: CreateApiKeyInput!) {\n    createApiKey(input: $input) {\n      secret\n      apiKey {\n        id\n        name\n        prefix\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation CreateApiKey($input: CreateApiKeyInput!) {\n    createApiKey(input: $input) {\n      secret\n      apiKey {\n        id\n        name\n        prefix\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RevokeApiKey($input: RevokeApiKeyInput!) {\n    revokeApiKey(input: $input) {\n      id\n      revokedAt\n    }\n  }\n"): (typeof documents)["\n  mutation RevokeApiKey($input: RevokeApiKeyInput!) {\n    revokeApiKey(input: $input) {\n      id\n      revokedAt\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query DicomNodes {\n    dicomNodes {\n      id\n      facilityId\n      name\n      calledTitle\n      peerTitle\n      addresses\n      certificates\n      requiresTls\n      rights\n      takesPrivateClasses\n      host\n      port\n      usesTls\n      isEnabled\n    }\n  }\n"): (typeof documents)["\n  query DicomNodes {\n    dicomNodes {\n      id\n      facilityId\n      name\n      calledTitle\n      peerTitle\n      addresses\n      certificates\n      requiresTls\n      rights\n      takesPrivateClasses\n      host\n      port\n      usesTls\n      isEnabled\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AddDicomNode($input: DicomNodeInput!) {\n    addDicomNode(input: $input) {\n      id\n    }\n  }\n"): (typeof documents)["\n  mutation AddDicomNode($input: DicomNodeInput!) {\n    addDicomNode(input: $input) {\n      id\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ChangeDicomNode($input: ChangeDicomNodeInput!) {\n    changeDicomNode(input: $input) {\n      id\n    }\n  }\n"): (typeof documents)["\n  mutation ChangeDicomNode($input: ChangeDicomNodeInput!) {\n    changeDicomNode(input: $input) {\n      id\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RemoveDicomNode($input: RemoveDicomNodeInput!) {\n    removeDicomNode(input: $input) {\n      nodeId\n    }\n  }\n"): (typeof documents)["\n  mutation RemoveDicomNode($input: RemoveDicomNodeInput!) {\n    removeDicomNode(input: $input) {\n      nodeId\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation VerifyDicomNode($input: VerifyDicomNodeInput!) {\n    verifyDicomNode(input: $input) {\n      answered\n      milliseconds\n      problem\n    }\n  }\n"): (typeof documents)["\n  mutation VerifyDicomNode($input: VerifyDicomNodeInput!) {\n    verifyDicomNode(input: $input) {\n      answered\n      milliseconds\n      problem\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Cases($filter: WorklistFilter, $first: Int) {\n    worklist(filter: $filter, first: $first) {\n      totalCount\n      hasNextPage\n      nodes {\n        id\n        state\n        priority\n        protocolFlag\n        createdAt\n        dueAt\n        breached\n        receivedCount\n        expectedCount\n        receivedPercent\n        lateImages\n        facility {\n          id\n          name\n          code\n        }\n        patient {\n          name\n          patientId\n          sex\n          ageAtStudy\n        }\n        study {\n          description\n          studyDate\n          modalities\n          bodyPart\n          accessionNumber\n          instanceCount\n        }\n        holder {\n          name\n        }\n        report {\n          state\n          versions {\n            id\n          }\n        }\n        deliveries {\n          id\n          channel\n          state\n        }\n        clock {\n          state\n          elapsedSeconds\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query Cases($filter: WorklistFilter, $first: Int) {\n    worklist(filter: $filter, first: $first) {\n      totalCount\n      hasNextPage\n      nodes {\n        id\n        state\n        priority\n        protocolFlag\n        createdAt\n        dueAt\n        breached\n        receivedCount\n        expectedCount\n        receivedPercent\n        lateImages\n        facility {\n          id\n          name\n          code\n        }\n        patient {\n          name\n          patientId\n          sex\n          ageAtStudy\n        }\n        study {\n          description\n          studyDate\n          modalities\n          bodyPart\n          accessionNumber\n          instanceCount\n        }\n        holder {\n          name\n        }\n        report {\n          state\n          versions {\n            id\n          }\n        }\n        deliveries {\n          id\n          channel\n          state\n        }\n        clock {\n          state\n          elapsedSeconds\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Case($id: ID!) {\n    case(id: $id) {\n      id\n      state\n      priority\n      protocolFlag\n      indication\n      createdAt\n      readyAt\n      dueAt\n      warned\n      breached\n      receivedCount\n      expectedCount\n      receivedPercent\n      lateImages\n      facility {\n        id\n        name\n        code\n      }\n      patient {\n        name\n        patientId\n        issuer\n        birthDate\n        sex\n        ageAtStudy\n      }\n      study {\n        id\n        studyInstanceUid\n        accessionNumber\n        description\n        studyDate\n        modalities\n        bodyPart\n        seriesCount\n        instanceCount\n        bytes\n        onLegalHold\n        availability\n        recallRequestedAt\n        series {\n          id\n          modality\n          number\n          description\n          instanceCount\n          thumbnailUrl\n        }\n      }\n      holder {\n        name\n        since\n      }\n      clock {\n        state\n        startedAt\n        targetSeconds\n        elapsedSeconds\n        owner\n        spans {\n          owner\n          from\n          to\n          seconds\n        }\n        events {\n          at\n          kind\n          owner\n          actor\n        }\n      }\n      report {\n        id\n        state\n        versions {\n          id\n          number\n          kind\n          signedAt\n          signedBy\n          sha256\n          pdfUrl\n          sections {\n            key\n            title\n            text\n          }\n        }\n      }\n      deliveries {\n        id\n        channel\n        recipient\n        state\n        queuedAt\n        deliveredAt\n        acknowledgedAt\n        lastError\n      }\n    }\n  }\n"): (typeof documents)["\n  query Case($id: ID!) {\n    case(id: $id) {\n      id\n      state\n      priority\n      protocolFlag\n      indication\n      createdAt\n      readyAt\n      dueAt\n      warned\n      breached\n      receivedCount\n      expectedCount\n      receivedPercent\n      lateImages\n      facility {\n        id\n        name\n        code\n      }\n      patient {\n        name\n        patientId\n        issuer\n        birthDate\n        sex\n        ageAtStudy\n      }\n      study {\n        id\n        studyInstanceUid\n        accessionNumber\n        description\n        studyDate\n        modalities\n        bodyPart\n        seriesCount\n        instanceCount\n        bytes\n        onLegalHold\n        availability\n        recallRequestedAt\n        series {\n          id\n          modality\n          number\n          description\n          instanceCount\n          thumbnailUrl\n        }\n      }\n      holder {\n        name\n        since\n      }\n      clock {\n        state\n        startedAt\n        targetSeconds\n        elapsedSeconds\n        owner\n        spans {\n          owner\n          from\n          to\n          seconds\n        }\n        events {\n          at\n          kind\n          owner\n          actor\n        }\n      }\n      report {\n        id\n        state\n        versions {\n          id\n          number\n          kind\n          signedAt\n          signedBy\n          sha256\n          pdfUrl\n          sections {\n            key\n            title\n            text\n          }\n        }\n      }\n      deliveries {\n        id\n        channel\n        recipient\n        state\n        queuedAt\n        deliveredAt\n        acknowledgedAt\n        lastError\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AcknowledgeReport($input: CaseInput!) {\n    acknowledgeReport(input: $input) {\n      id\n      deliveries {\n        id\n        state\n        acknowledgedAt\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation AcknowledgeReport($input: CaseInput!) {\n    acknowledgeReport(input: $input) {\n      id\n      deliveries {\n        id\n        state\n        acknowledgedAt\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SetCasePriority($input: SetCasePriorityInput!) {\n    setCasePriority(input: $input) {\n      id\n      priority\n      protocolFlag\n      dueAt\n    }\n  }\n"): (typeof documents)["\n  mutation SetCasePriority($input: SetCasePriorityInput!) {\n    setCasePriority(input: $input) {\n      id\n      priority\n      protocolFlag\n      dueAt\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RecallStudy($input: RecallStudyInput!) {\n    recallStudy(input: $input)\n  }\n"): (typeof documents)["\n  mutation RecallStudy($input: RecallStudyInput!) {\n    recallStudy(input: $input)\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query LegalHolds($studyId: ID!) {\n    legalHolds(studyId: $studyId) {\n      id\n      reason\n      placedBy\n      placedAt\n    }\n  }\n"): (typeof documents)["\n  query LegalHolds($studyId: ID!) {\n    legalHolds(studyId: $studyId) {\n      id\n      reason\n      placedBy\n      placedAt\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation PlaceLegalHold($input: LegalHoldInput!) {\n    placeLegalHold(input: $input) {\n      id\n    }\n  }\n"): (typeof documents)["\n  mutation PlaceLegalHold($input: LegalHoldInput!) {\n    placeLegalHold(input: $input) {\n      id\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation LiftLegalHold($input: LegalHoldInput!) {\n    liftLegalHold(input: $input)\n  }\n"): (typeof documents)["\n  mutation LiftLegalHold($input: LegalHoldInput!) {\n    liftLegalHold(input: $input)\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation DeleteStudy($input: DeleteStudyInput!) {\n    deleteStudy(input: $input)\n  }\n"): (typeof documents)["\n  mutation DeleteStudy($input: DeleteStudyInput!) {\n    deleteStudy(input: $input)\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query StudyDestinations {\n    studyDestinations {\n      id\n      name\n    }\n  }\n"): (typeof documents)["\n  query StudyDestinations {\n    studyDestinations {\n      id\n      name\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SendStudy($input: SendStudyInput!) {\n    sendStudy(input: $input) {\n      jobId\n    }\n  }\n"): (typeof documents)["\n  mutation SendStudy($input: SendStudyInput!) {\n    sendStudy(input: $input) {\n      jobId\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query PlatformTenants($reason: String!) {\n    platformTenants(reason: $reason) {\n      id\n      slug\n      name\n      members\n      studies\n      instances\n      storedBytes\n      openCases\n      deadJobs\n      createdAt\n    }\n  }\n"): (typeof documents)["\n  query PlatformTenants($reason: String!) {\n    platformTenants(reason: $reason) {\n      id\n      slug\n      name\n      members\n      studies\n      instances\n      storedBytes\n      openCases\n      deadJobs\n      createdAt\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment ReadingCaseFields on Case {\n    id\n    state\n    priority\n    protocolFlag\n    indication\n    dueAt\n    lateImages\n    receivedCount\n    expectedCount\n    receivedPercent\n    myClaimToken\n    facility { id name }\n    patient { id name patientId birthDate sex ageAtStudy }\n    study {\n      id studyInstanceUid accessionNumber description studyDate modalities bodyPart instanceCount\n      series { id seriesInstanceUid modality number description instanceCount frameCount thumbnailUrl }\n    }\n    holder { userId name since leaseExpiresAt }\n    draft { ...DraftFields }\n    report { id state versions { ...VersionFields } }\n    keyImages { id sopInstanceUid seriesInstanceUid frame note }\n  }\n"): (typeof documents)["\n  fragment ReadingCaseFields on Case {\n    id\n    state\n    priority\n    protocolFlag\n    indication\n    dueAt\n    lateImages\n    receivedCount\n    expectedCount\n    receivedPercent\n    myClaimToken\n    facility { id name }\n    patient { id name patientId birthDate sex ageAtStudy }\n    study {\n      id studyInstanceUid accessionNumber description studyDate modalities bodyPart instanceCount\n      series { id seriesInstanceUid modality number description instanceCount frameCount thumbnailUrl }\n    }\n    holder { userId name since leaseExpiresAt }\n    draft { ...DraftFields }\n    report { id state versions { ...VersionFields } }\n    keyImages { id sopInstanceUid seriesInstanceUid frame note }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment DraftFields on ReportDraft {\n    revision\n    templateId\n    updatedAt\n    sections { key title text required }\n  }\n"): (typeof documents)["\n  fragment DraftFields on ReportDraft {\n    revision\n    templateId\n    updatedAt\n    sections { key title text required }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment VersionFields on ReportVersion {\n    id\n    number\n    kind\n    signedAt\n    signedBy\n    signerId\n    sha256\n    pdfUrl\n    sections { key title text required }\n  }\n"): (typeof documents)["\n  fragment VersionFields on ReportVersion {\n    id\n    number\n    kind\n    signedAt\n    signedBy\n    signerId\n    sha256\n    pdfUrl\n    sections { key title text required }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ReadingCase($id: ID!) {\n    case(id: $id) { ...ReadingCaseFields }\n  }\n"): (typeof documents)["\n  query ReadingCase($id: ID!) {\n    case(id: $id) { ...ReadingCaseFields }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment TemplateFields on ReportTemplate {\n    id\n    name\n    language\n    sections { key title text required }\n  }\n"): (typeof documents)["\n  fragment TemplateFields on ReportTemplate {\n    id\n    name\n    language\n    sections { key title text required }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query ReportTemplates($modality: String, $bodyPart: String) {\n    fitting: reportTemplates(modality: $modality, bodyPart: $bodyPart) { ...TemplateFields }\n    all: reportTemplates { ...TemplateFields }\n  }\n"): (typeof documents)["\n  query ReportTemplates($modality: String, $bodyPart: String) {\n    fitting: reportTemplates(modality: $modality, bodyPart: $bodyPart) { ...TemplateFields }\n    all: reportTemplates { ...TemplateFields }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query NextCases {\n    worklist(filter: { states: [READY_TO_READ] }, first: 5) { nodes { id } }\n  }\n"): (typeof documents)["\n  query NextCases {\n    worklist(filter: { states: [READY_TO_READ] }, first: 5) { nodes { id } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ClaimForReading($input: ClaimCaseInput!) {\n    claimCase(input: $input) { claimToken leaseExpiresAt renewEverySeconds case { ...ReadingCaseFields } }\n  }\n"): (typeof documents)["\n  mutation ClaimForReading($input: ClaimCaseInput!) {\n    claimCase(input: $input) { claimToken leaseExpiresAt renewEverySeconds case { ...ReadingCaseFields } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RenewClaim($input: ClaimTokenInput!) {\n    renewClaim(input: $input) { claimToken leaseExpiresAt renewEverySeconds }\n  }\n"): (typeof documents)["\n  mutation RenewClaim($input: ClaimTokenInput!) {\n    renewClaim(input: $input) { claimToken leaseExpiresAt renewEverySeconds }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ReleaseClaim($input: ClaimTokenInput!) {\n    releaseClaim(input: $input) { id state }\n  }\n"): (typeof documents)["\n  mutation ReleaseClaim($input: ClaimTokenInput!) {\n    releaseClaim(input: $input) { id state }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SaveReportDraft($input: SaveReportDraftInput!) {\n    saveReportDraft(input: $input) { revision updatedAt }\n  }\n"): (typeof documents)["\n  mutation SaveReportDraft($input: SaveReportDraftInput!) {\n    saveReportDraft(input: $input) { revision updatedAt }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation SignReport($input: SignReportInput!) {\n    signReport(input: $input) { ...ReadingCaseFields }\n  }\n"): (typeof documents)["\n  mutation SignReport($input: SignReportInput!) {\n    signReport(input: $input) { ...ReadingCaseFields }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AddAddendum($input: AddAddendumInput!) {\n    addAddendum(input: $input) { ...ReadingCaseFields }\n  }\n"): (typeof documents)["\n  mutation AddAddendum($input: AddAddendumInput!) {\n    addAddendum(input: $input) { ...ReadingCaseFields }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation AcknowledgeLateImages($input: AcknowledgeLateImagesInput!) {\n    acknowledgeLateImages(input: $input) { id lateImages }\n  }\n"): (typeof documents)["\n  mutation AcknowledgeLateImages($input: AcknowledgeLateImagesInput!) {\n    acknowledgeLateImages(input: $input) { id lateImages }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation MarkKeyImage($input: MarkKeyImageInput!) {\n    markKeyImage(input: $input) { id sopInstanceUid seriesInstanceUid frame }\n  }\n"): (typeof documents)["\n  mutation MarkKeyImage($input: MarkKeyImageInput!) {\n    markKeyImage(input: $input) { id sopInstanceUid seriesInstanceUid frame }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation RemoveKeyImage($input: RemoveKeyImageInput!) {\n    removeKeyImage(input: $input) { id keyImages { id } }\n  }\n"): (typeof documents)["\n  mutation RemoveKeyImage($input: RemoveKeyImageInput!) {\n    removeKeyImage(input: $input) { id keyImages { id } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment WorklistRow on Case {\n    id\n    state\n    priority\n    protocolFlag\n    createdAt\n    readyAt\n    dueAt\n    warned\n    breached\n    receivedCount\n    expectedCount\n    receivedPercent\n    lateImages\n    indication\n    myClaimToken\n    facility { id name }\n    patient { id name patientId sex ageAtStudy birthDate }\n    study { id description bodyPart modalities instanceCount seriesCount thumbnailUrl accessionNumber studyDate }\n    holder { userId name since }\n    report { id state versions { id kind signedAt signedBy signerId } }\n  }\n"): (typeof documents)["\n  fragment WorklistRow on Case {\n    id\n    state\n    priority\n    protocolFlag\n    createdAt\n    readyAt\n    dueAt\n    warned\n    breached\n    receivedCount\n    expectedCount\n    receivedPercent\n    lateImages\n    indication\n    myClaimToken\n    facility { id name }\n    patient { id name patientId sex ageAtStudy birthDate }\n    study { id description bodyPart modalities instanceCount seriesCount thumbnailUrl accessionNumber studyDate }\n    holder { userId name since }\n    report { id state versions { id kind signedAt signedBy signerId } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Worklist($filter: WorklistFilter, $first: Int!, $after: String) {\n    worklist(filter: $filter, first: $first, after: $after) {\n      nodes { ...WorklistRow }\n      endCursor\n      hasNextPage\n    }\n  }\n"): (typeof documents)["\n  query Worklist($filter: WorklistFilter, $first: Int!, $after: String) {\n    worklist(filter: $filter, first: $first, after: $after) {\n      nodes { ...WorklistRow }\n      endCursor\n      hasNextPage\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query WorklistCase($id: ID!) {\n    case(id: $id) { ...WorklistRow }\n  }\n"): (typeof documents)["\n  query WorklistCase($id: ID!) {\n    case(id: $id) { ...WorklistRow }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query CasePreview($id: ID!) {\n    case(id: $id) {\n      ...WorklistRow\n      patient { issuer }\n      study { id series { id seriesInstanceUid modality number description instanceCount thumbnailUrl } }\n      clock { state targetSeconds elapsedSeconds owner spans { owner from to seconds } }\n    }\n  }\n"): (typeof documents)["\n  query CasePreview($id: ID!) {\n    case(id: $id) {\n      ...WorklistRow\n      patient { issuer }\n      study { id series { id seriesInstanceUid modality number description instanceCount thumbnailUrl } }\n      clock { state targetSeconds elapsedSeconds owner spans { owner from to seconds } }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ClaimFromWorklist($input: ClaimCaseInput!) {\n    claimCase(input: $input) { claimToken case { ...WorklistRow } }\n  }\n"): (typeof documents)["\n  mutation ClaimFromWorklist($input: ClaimCaseInput!) {\n    claimCase(input: $input) { claimToken case { ...WorklistRow } }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation ReleaseFromWorklist($input: ClaimTokenInput!) {\n    releaseClaim(input: $input) { ...WorklistRow }\n  }\n"): (typeof documents)["\n  mutation ReleaseFromWorklist($input: ClaimTokenInput!) {\n    releaseClaim(input: $input) { ...WorklistRow }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;