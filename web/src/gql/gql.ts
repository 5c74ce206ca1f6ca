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
    "\n  fragment WorklistRow on Case {\n    id\n    state\n    priority\n    protocolFlag\n    createdAt\n    readyAt\n    dueAt\n    warned\n    breached\n    receivedCount\n    expectedCount\n    receivedPercent\n    lateImages\n    indication\n    myClaimToken\n    facility { id name }\n    patient { id name patientId sex ageAtStudy birthDate }\n    study { id description bodyPart modalities instanceCount seriesCount thumbnailUrl accessionNumber studyDate }\n    holder { userId name since }\n    report { id state versions { id signedAt signedBy } }\n  }\n": typeof types.WorklistRowFragmentDoc,
    "\n  query Worklist($filter: WorklistFilter, $first: Int!, $after: String) {\n    worklist(filter: $filter, first: $first, after: $after) {\n      nodes { ...WorklistRow }\n      endCursor\n      hasNextPage\n    }\n  }\n": typeof types.WorklistDocument,
    "\n  query WorklistCase($id: ID!) {\n    case(id: $id) { ...WorklistRow }\n  }\n": typeof types.WorklistCaseDocument,
    "\n  query CasePreview($id: ID!) {\n    case(id: $id) {\n      ...WorklistRow\n      patient { issuer }\n      study { id series { id seriesInstanceUid modality number description instanceCount thumbnailUrl } }\n      clock { state targetSeconds elapsedSeconds owner spans { owner from to seconds } }\n    }\n  }\n": typeof types.CasePreviewDocument,
    "\n  mutation ClaimFromWorklist($input: ClaimCaseInput!) {\n    claimCase(input: $input) { claimToken case { ...WorklistRow } }\n  }\n": typeof types.ClaimFromWorklistDocument,
    "\n  mutation ReleaseFromWorklist($input: ClaimTokenInput!) {\n    releaseClaim(input: $input) { ...WorklistRow }\n  }\n": typeof types.ReleaseFromWorklistDocument,
};
const documents: Documents = {
    "\n  query FacilityChoices {\n    facilities {\n      id\n      name\n      code\n    }\n  }\n": types.FacilityChoicesDocument,
    "\n  fragment WorklistRow on Case {\n    id\n    state\n    priority\n    protocolFlag\n    createdAt\n    readyAt\n    dueAt\n    warned\n    breached\n    receivedCount\n    expectedCount\n    receivedPercent\n    lateImages\n    indication\n    myClaimToken\n    facility { id name }\n    patient { id name patientId sex ageAtStudy birthDate }\n    study { id description bodyPart modalities instanceCount seriesCount thumbnailUrl accessionNumber studyDate }\n    holder { userId name since }\n    report { id state versions { id signedAt signedBy } }\n  }\n": types.WorklistRowFragmentDoc,
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
export function graphql(source: "\n  fragment WorklistRow on Case {\n    id\n    state\n    priority\n    protocolFlag\n    createdAt\n    readyAt\n    dueAt\n    warned\n    breached\n    receivedCount\n    expectedCount\n    receivedPercent\n    lateImages\n    indication\n    myClaimToken\n    facility { id name }\n    patient { id name patientId sex ageAtStudy birthDate }\n    study { id description bodyPart modalities instanceCount seriesCount thumbnailUrl accessionNumber studyDate }\n    holder { userId name since }\n    report { id state versions { id signedAt signedBy } }\n  }\n"): (typeof documents)["\n  fragment WorklistRow on Case {\n    id\n    state\n    priority\n    protocolFlag\n    createdAt\n    readyAt\n    dueAt\n    warned\n    breached\n    receivedCount\n    expectedCount\n    receivedPercent\n    lateImages\n    indication\n    myClaimToken\n    facility { id name }\n    patient { id name patientId sex ageAtStudy birthDate }\n    study { id description bodyPart modalities instanceCount seriesCount thumbnailUrl accessionNumber studyDate }\n    holder { userId name since }\n    report { id state versions { id signedAt signedBy } }\n  }\n"];
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