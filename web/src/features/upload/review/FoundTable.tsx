/** Patients, their studies and series, each with a box to leave it out. */
import { Checkbox, Paper, ScrollArea, Table, Text } from '@mantine/core';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';
import { formatBytes, formatDicomDate, formatNumber, formatPersonName } from '@/ui/format';
import { bytesOf, type PatientGroup, type SeriesGroup, type StudyGroup } from '../model';
import classes from './FoundTable.module.css';

interface Props {
  patients: readonly PatientGroup[];
  unticked: ReadonlySet<string>;
  onChange: (unticked: ReadonlySet<string>) => void;
}

export function FoundTable({ patients, unticked, onChange }: Props) {
  const { t } = useTranslation();
  const set = (series: readonly SeriesGroup[], ticked: boolean) => {
    const next = new Set(unticked);
    for (const { key } of series) if (ticked) next.delete(key);
      else next.add(key);
    onChange(next);
  };
  const box = (series: readonly SeriesGroup[], label: string) => {
    const off = series.filter(({ key }) => unticked.has(key)).length;
    return (
      <Checkbox
        size="xs"
        aria-label={label}
        checked={off === 0}
        indeterminate={off > 0 && off < series.length}
        onChange={(event) => set(series, event.currentTarget.checked)}
      />
    );
  };
  return (
    <Paper withBorder>
      <ScrollArea.Autosize mah="min(60vh, 640px)" type="auto">
        <Table stickyHeader aria-label={t('upload.review.found')}>
          <Table.Thead bg="var(--surface)">
            <Table.Tr>
              <Table.Th w={34}><span className={classes.hidden}>{t('upload.review.send')}</span></Table.Th>
              <Table.Th>{t('upload.review.what')}</Table.Th>
              <Table.Th visibleFrom="xs">{t('upload.review.modality')}</Table.Th>
              <Table.Th ta="right">{t('upload.review.images')}</Table.Th>
              <Table.Th ta="right">{t('upload.review.size')}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {patients.map((patient) => (
              <Fragment key={patient.key}>
                <PatientRow patient={patient} box={box} />
                {patient.studies.map((study) => (
                  <Fragment key={study.key}>
                    <StudyRow study={study} box={box} />
                    {study.series.map((series) => (
                      <SeriesRow key={series.key} series={series} box={box} off={unticked.has(series.key)} />
                    ))}
                  </Fragment>
                ))}
              </Fragment>
            ))}
          </Table.Tbody>
        </Table>
      </ScrollArea.Autosize>
    </Paper>
  );
}

type Box = (series: readonly SeriesGroup[], label: string) => React.ReactNode;

function PatientRow({ patient, box }: { patient: PatientGroup; box: Box }) {
  const { t } = useTranslation();
  const series = patient.studies.flatMap((study) => study.series);
  const name = formatPersonName(patient.name);
  const sex = patient.sex === 'M' || patient.sex === 'F' || patient.sex === 'O' ? t(`common.sex.${patient.sex}`) : null;
  const about = [patient.patientId === '' ? t('upload.review.noId') : patient.patientId, patient.birthDate === '' ? null : formatDicomDate(patient.birthDate), sex];
  return (
    <Table.Tr className={classes.patient}>
      <Table.Td>{box(series, t('upload.review.sendPatient', { name }))}</Table.Td>
      <Table.Th scope="row" colSpan={1} className={classes.patientName}>
        {name}
        <Text span size="xs" c="dimmed" ml="sm">{about.filter(Boolean).join(' · ')}</Text>
      </Table.Th>
      <Table.Td visibleFrom="xs" />
      <Totals series={series} />
    </Table.Tr>
  );
}

function StudyRow({ study, box }: { study: StudyGroup; box: Box }) {
  const { t } = useTranslation();
  const title = study.description === '' ? t('upload.review.study') : study.description;
  return (
    <Table.Tr>
      <Table.Td>{box(study.series, t('upload.review.sendStudy', { title }))}</Table.Td>
      <Table.Th scope="row" className={classes.study}>
        {title}
        <Text span size="xs" c="dimmed" ml="sm">
          {[study.date === '' ? '' : formatDicomDate(study.date), study.accessionNumber].filter((part) => part !== '').join(' · ')}
        </Text>
      </Table.Th>
      <Table.Td visibleFrom="xs">{[...new Set(study.series.map((series) => series.modality))].join(' ')}</Table.Td>
      <Totals series={study.series} />
    </Table.Tr>
  );
}

function SeriesRow({ series, box, off }: { series: SeriesGroup; box: Box; off: boolean }) {
  const { t } = useTranslation();
  const title = series.description === '' ? t('upload.review.series', { number: series.number }) : series.description;
  return (
    <Table.Tr className={off ? classes.off : undefined}>
      <Table.Td>{box([series], t('upload.review.sendSeries', { title }))}</Table.Td>
      <Table.Th scope="row" className={classes.series}>
        {series.number !== '' && series.description !== '' && <Text span size="xs" c="dimmed" mr={6}>{series.number}</Text>}
        {title}
      </Table.Th>
      <Table.Td visibleFrom="xs">{series.modality}</Table.Td>
      <Totals series={[series]} />
    </Table.Tr>
  );
}

function Totals({ series }: { series: readonly SeriesGroup[] }) {
  return (
    <>
      <Table.Td ta="right">{formatNumber(series.reduce((sum, each) => sum + each.instances.length, 0))}</Table.Td>
      <Table.Td ta="right" style={{ whiteSpace: 'nowrap' }}>{formatBytes(bytesOf(series))}</Table.Td>
    </>
  );
}
