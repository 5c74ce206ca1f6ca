import { cleanup, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { renderScreen, signIn } from '@/test/render';
import { TestServer } from '@/test/server';
import { WorklistScreen } from './WorklistScreen';

const inMinutes = (minutes: number) => new Date(Date.now() + minutes * 60_000).toISOString();

function row(id: string, name: string, about: Record<string, unknown> = {}) {
  return {
    __typename: 'Case', id, state: 'READY_TO_READ', priority: 'ROUTINE', protocolFlag: null, createdAt: inMinutes(-60), readyAt: inMinutes(-50),
    dueAt: inMinutes(600), warned: false, breached: false, receivedCount: 3, expectedCount: 3, receivedPercent: 100, lateImages: false,
    indication: null, myClaimToken: null, facility: { id: 'facility_1', name: 'Nordklinik' },
    patient: { id: `patient_${id}`, name, patientId: 'P1', sex: 'F', ageAtStudy: '64 Y', birthDate: null },
    study: {
      id: `study_${id}`, description: 'Head', bodyPart: 'HEAD', modalities: ['CT'], instanceCount: 3, seriesCount: 1, thumbnailUrl: null,
      accessionNumber: null, studyDate: null,
    },
    holder: null, report: null, ...about,
  };
}

async function open(rows: Array<ReturnType<typeof row>>): Promise<TestServer> {
  const server = new TestServer();
  server.graphql('Worklist', ({ filter }) => {
    const { states } = filter as { states: string[] };
    const nodes = rows.filter((one) => states.includes(one.state));
    return { data: { worklist: { nodes, endCursor: null, hasNextPage: false } } };
  });
  server.graphql('CasePreview', ({ id }) => {
    const found = rows.find((one) => one.id === id);
    return {
      data: {
        case: found && {
          ...found, patient: { ...found.patient, issuer: 'NORD' }, study: { ...found.study, series: [] },
          clock: { state: 'RUNNING', targetSeconds: 1800, elapsedSeconds: 60, owner: 'QUEUE', spans: [] },
        },
      },
    };
  });
  await signIn(server, 'RADIOLOGIST');
  renderScreen(<WorklistScreen view="open" />);
  return server;
}

const names = () => screen.getAllByRole('row').slice(1).map((one) => one.querySelectorAll('[role=gridcell]')[2]?.textContent);

describe('the worklist', () => {
  beforeAll(() => {
    // The grid draws only what is in sight, and nothing has a size here.
    Object.defineProperty(HTMLElement.prototype, 'clientHeight', { configurable: true, get: () => 800 });
    Object.defineProperty(HTMLElement.prototype, 'clientWidth', { configurable: true, get: () => 1200 });
  });

  it('shows what breaches first on top, counts it in the title, and is worked by keys', async () => {
    await open([row('case_a', 'Calm, Carla'), row('case_b', 'Late, Lars', { dueAt: inMinutes(-4) }), row('case_c', 'Soon, Sara', { dueAt: inMinutes(9) })]);
    await waitFor(() => expect(names()).toEqual(['Late, Lars', 'Soon, Sara', 'Calm, Carla']));
    expect(document.title).toMatch(/^\(3\)/);
    const selected = () => screen.getAllByRole('row', { selected: true })[0]?.textContent;
    expect(selected()).toContain('Late, Lars');
    expect(selected()).toContain('▲');
    await userEvent.keyboard('j');
    expect(selected()).toContain('Soon, Sara');
    await userEvent.keyboard('/');
    await userEvent.keyboard('carla');
    await waitFor(() => expect(names()).toEqual(['Calm, Carla']));
  });

  it('names the winner of a lost race, and since when', async () => {
    const server = await open([row('case_a', 'Wanted, Wim')]);
    await screen.findByRole('row', { selected: true });
    server.graphql('ClaimFromWorklist', () => ({
      data: undefined,
      errors: [{ message: 'held', extensions: { code: 'CASE_ALREADY_CLAIMED', holder: { userId: 'user_9', name: 'Dr Roe', since: '2026-11-22T09:58:00Z' } } }],
    }));
    await userEvent.keyboard('c');
    expect(await screen.findByText(/Dr Roe has had this case since/)).toBeDefined();
  });

  it('stands when one report cannot be read, and says so', async () => {
    const server = await open([]);
    const nodes = [row('case_a', 'Whole, Wim'), row('case_b', 'Broken, Bea')];
    server.graphql('Worklist', ({ filter }) => ({
      data: { worklist: { nodes: (filter as { states: string[] }).states.includes('READY_TO_READ') ? nodes : [], endCursor: null, hasNextPage: false } },
      errors: [{ message: 'broken', path: ['worklist', 'nodes', 1, 'report'], extensions: { code: 'INTERNAL' } }],
    }));
    cleanup();
    renderScreen(<WorklistScreen view="open" />);
    expect(await screen.findByText('Whole, Wim')).toBeDefined();
    expect(screen.getByText('Broken, Bea')).toBeDefined();
    expect(screen.getByText('Something went wrong in the program. It has been logged.')).toBeDefined();
  });

  it('says that there is nothing to read, and says so differently when only the filter hides it', async () => {
    await open([]);
    expect(await screen.findByText('Nothing to read')).toBeDefined();
    await userEvent.keyboard('/');
    await userEvent.keyboard('x');
    expect(await screen.findByText('No case matches the filter')).toBeDefined();
  });
});
