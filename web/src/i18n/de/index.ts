import { admin } from './admin';
import { auth } from './auth';
import { cases } from './cases';
import { common } from './common';
import { error } from './error';
import { reporting } from './reporting';
import { shell } from './shell';
import { upload } from './upload';
import { viewer } from './viewer';
import { worklist } from './worklist';
import type { en } from '../en';
import type { Wording } from '../wording';

export const de: Wording<typeof en> = { admin, auth, cases, common, error, reporting, shell, upload, viewer, worklist };
