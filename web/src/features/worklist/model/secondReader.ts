/** Who may make a preliminary report final: another reader than who signed it. */
import type { ReportVersionKind } from '@/gql/enums';

export function signedPreliminary(versions: ReadonlyArray<{ kind: ReportVersionKind; signerId: string }>, userId: string): boolean {
  return versions.some((version) => version.kind === 'PRELIMINARY' && version.signerId === userId);
}
