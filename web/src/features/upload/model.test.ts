import { describe, expect, it } from 'vitest';
import { concernsOf, Findings, groupByPatient, instancesOf, withoutSeries } from './model';
import { csvOf, receiptRows } from './receiptRows';
import type { FoundInstance } from './scan/scanner';

const found = (sop: string, more: Partial<FoundInstance> = {}): FoundInstance => ({
  sopInstanceUid: sop, studyInstanceUid: '1.2', seriesInstanceUid: '1.2.1', modality: 'CT', patientId: 'P1', issuer: '', patientName: 'Phantom^Petra',
  birthDate: '', sex: '', studyDate: '20260102', studyDescription: 'Head', accessionNumber: '', seriesNumber: '1', seriesDescription: 'Axial',
  bytes: 100, name: sop, content: { kind: 'file', file: new File([''], sop) }, ...more,
});

describe('findings', () => {
  it('keep an image that comes twice once, and say so', () => {
    const findings = new Findings();
    findings.add([found('1'), found('2'), found('1', { name: 'copy' }), found('2', { name: 'other', bytes: 7 })], []);
    expect(findings.instances.map((each) => each.name)).toEqual(['1', '2']);
    expect(findings.setAside).toEqual([
      { name: 'copy', bytes: 100, reason: 'REPEATED' },
      { name: 'other', bytes: 7, reason: 'CONFLICTING' },
    ]);
  });

  it('tell two people with one patient ID apart by its issuer', () => {
    const patients = groupByPatient([found('1'), found('2', { issuer: 'OTHER', studyInstanceUid: '9', patientName: 'Zimmer^Zoe' })]);
    expect(patients.map((patient) => patient.name)).toEqual(['Phantom^Petra', 'Zimmer^Zoe']);
  });

  it('raise a study under two patient IDs, and not after one was unticked', () => {
    const patients = groupByPatient([found('1'), found('2', { patientId: 'P2' }), found('3', { patientId: '', studyInstanceUid: '4' })]);
    expect(concernsOf(patients)).toMatchObject({ patients: 3, withoutPatientId: 1, mixedStudies: [{ studyInstanceUid: '1.2' }] });
    const wrong = patients.find((patient) => patient.patientId === 'P2')?.studies[0]?.series[0]?.key ?? '';
    const left = withoutSeries(patients, new Set([wrong]));
    expect(concernsOf(left).mixedStudies).toEqual([]);
    expect(instancesOf(left)).toHaveLength(2);
  });
});

describe('the receipt', () => {
  it('lists what went wrong first, and files the browser kept back', () => {
    const rows = receiptRows(
      {
        upload_id: 'upload_1', state: 'COMPLETE', facility_id: 'f', created_at: '', counts: { expected: 2, stored: 1, duplicate: 0, refused: 1, missing: 0 },
        instances: [
          { sop_instance_uid: '1', study_instance_uid: '1.2', outcome: 'STORED', reason_code: null, reason: null },
          { sop_instance_uid: '2', study_instance_uid: '1.2', outcome: 'REFUSED', reason_code: 'PATIENT_MISMATCH', reason: 'x' },
        ],
        refused_files: [{ name: 'readme.txt', reason: 'NOT_DICOM' }],
      },
      new Map([['2', 'IM2']]),
    );
    expect(rows.map((row) => [row.name, row.outcome])).toEqual([['IM2', 'REFUSED'], ['readme.txt', 'NOT_SENT'], ['1', 'STORED']]);
  });

  it('as a table runs no formula in anybody’s spreadsheet', () => {
    const csv = csvOf(['File'], [['=cmd|calc'], ['+1'], ['-1'], ['@x'], ['\tx'], [' =1'], ['a"b'], ['plain.dcm']]);
    expect(csv.split('\r\n').slice(1, -1)).toEqual([`"'=cmd|calc"`, `"'+1"`, `"'-1"`, `"'@x"`, `"'\tx"`, `"' =1"`, '"a""b"', '"plain.dcm"']);
  });
});
