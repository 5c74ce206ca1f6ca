/** What was found, as people think of it: patients, their studies, their series. */
import type { FoundInstance, SetAsideFile } from './scan/scanner';

export interface SeriesGroup {
  /** Unique on the page: the same UID under two patients is two rows. */
  key: string;
  seriesInstanceUid: string;
  modality: string;
  number: string;
  description: string;
  instances: FoundInstance[];
  bytes: number;
}

export interface StudyGroup {
  key: string;
  studyInstanceUid: string;
  date: string;
  description: string;
  accessionNumber: string;
  series: SeriesGroup[];
}

export interface PatientGroup {
  key: string;
  name: string;
  patientId: string;
  issuer: string;
  birthDate: string;
  sex: string;
  studies: StudyGroup[];
}

/** Everything scanned so far. Of two files with one SOP Instance UID the first is kept. */
export class Findings {
  readonly setAside: SetAsideFile[] = [];
  private readonly bySop = new Map<string, FoundInstance>();

  add(found: readonly FoundInstance[], setAside: readonly SetAsideFile[]): void {
    this.setAside.push(...setAside);
    for (const instance of found) {
      const first = this.bySop.get(instance.sopInstanceUid);
      if (first !== undefined) {
        this.setAside.push({ name: instance.name, bytes: instance.bytes, reason: first.bytes === instance.bytes ? 'REPEATED' : 'CONFLICTING' });
      } else {
        this.bySop.set(instance.sopInstanceUid, instance);
      }
    }
  }

  get instances(): FoundInstance[] {
    return [...this.bySop.values()];
  }
}

/** Groups by patient (ID *and* issuer), study and series; each level in the order people expect. */
export function groupByPatient(instances: readonly FoundInstance[]): PatientGroup[] {
  const patients = new Map<string, PatientGroup>();
  for (const instance of instances) {
    const patientKey = `${instance.issuer}\n${instance.patientId}`;
    const patient = madeOnce(patients, patientKey, () => ({
      key: patientKey,
      name: instance.patientName,
      patientId: instance.patientId,
      issuer: instance.issuer,
      birthDate: instance.birthDate,
      sex: instance.sex,
      studies: [],
    }));
    const study = foundOrPushed(patient.studies, `${patientKey}\n${instance.studyInstanceUid}`, (key) => ({
      key,
      studyInstanceUid: instance.studyInstanceUid,
      date: instance.studyDate,
      description: instance.studyDescription,
      accessionNumber: instance.accessionNumber,
      series: [],
    }));
    const series = foundOrPushed(study.series, `${study.key}\n${instance.seriesInstanceUid}`, (key) => ({
      key,
      seriesInstanceUid: instance.seriesInstanceUid,
      modality: instance.modality,
      number: instance.seriesNumber,
      description: instance.seriesDescription,
      instances: [],
      bytes: 0,
    }));
    series.instances.push(instance);
    series.bytes += instance.bytes;
  }
  const sorted = [...patients.values()].sort((a, b) => a.name.localeCompare(b.name));
  for (const patient of sorted) {
    patient.studies.sort((a, b) => b.date.localeCompare(a.date));
    for (const study of patient.studies) study.series.sort((a, b) => Number(a.number) - Number(b.number));
  }
  return sorted;
}

function madeOnce<V>(map: Map<string, V>, key: string, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}

function foundOrPushed<T extends { key: string }>(list: T[], key: string, make: (key: string) => T): T {
  // Files come folder by folder, so the last group is nearly always the right one.
  const last = list.at(-1);
  const found = last?.key === key ? last : list.find((each) => each.key === key);
  if (found !== undefined) return found;
  const made = make(key);
  list.push(made);
  return made;
}

export interface Concerns {
  /** More than one person: fine, but somebody must say so. */
  patients: number;
  /** Studies that carry two patient IDs: the program stores the first and refuses the other. */
  mixedStudies: StudyGroup[];
  /** Images without a patient ID. */
  withoutPatientId: number;
}

/** What somebody should look at before sending. */
export function concernsOf(patients: readonly PatientGroup[]): Concerns {
  const owners = new Map<string, number>();
  for (const patient of patients) {
    for (const study of patient.studies) owners.set(study.studyInstanceUid, (owners.get(study.studyInstanceUid) ?? 0) + 1);
  }
  const mixed = new Map<string, StudyGroup>();
  for (const study of patients.flatMap((patient) => patient.studies)) {
    if ((owners.get(study.studyInstanceUid) ?? 0) > 1) mixed.set(study.studyInstanceUid, study);
  }
  return {
    patients: patients.length,
    mixedStudies: [...mixed.values()],
    withoutPatientId: patients
      .filter((patient) => patient.patientId === '')
      .flatMap((patient) => patient.studies)
      .flatMap((study) => study.series)
      .reduce((sum, series) => sum + series.instances.length, 0),
  };
}

/** The groups without the unticked series, and without what is then empty. */
export function withoutSeries(patients: readonly PatientGroup[], unticked: ReadonlySet<string>): PatientGroup[] {
  return patients
    .map((patient) => ({
      ...patient,
      studies: patient.studies
        .map((study) => ({ ...study, series: study.series.filter((series) => !unticked.has(series.key)) }))
        .filter((study) => study.series.length > 0),
    }))
    .filter((patient) => patient.studies.length > 0);
}

export function instancesOf(patients: readonly PatientGroup[]): FoundInstance[] {
  return patients.flatMap((patient) => patient.studies.flatMap((study) => study.series.flatMap((series) => series.instances)));
}

export function bytesOf(instances: readonly { bytes: number }[]): number {
  return instances.reduce((sum, instance) => sum + instance.bytes, 0);
}
