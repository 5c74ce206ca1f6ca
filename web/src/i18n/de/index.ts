import { admin } from './admin';
import { auth } from './auth';
import { cases } from './cases';
import { common } from './common';
import { error } from './error';
import { shell } from './shell';
import { upload } from './upload';
import type { en } from '../en';
import type { Wording } from '../wording';

export const de: Wording<typeof en> = { admin, auth, cases, common, error, shell, upload };
