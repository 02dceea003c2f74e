import type { Catalog } from '../core/catalog/catalog';
import type { LintFinding } from '../core/profile/lint-finding';
import type { Profile } from '../core/profile/profile';
import { lintOf } from './check-profile';
import { resolveProfileRef } from './library';
import { loadCatalog } from './load-catalog';

/** A profile by folder, file or library id, called as it was named. */
export function loadNamedProfile(ref: string, catalog: Catalog): Profile {
  const where = { source: 'profile', path: '' };
  const profile = resolveProfileRef({ ref, folder: process.cwd(), where }, catalog);
  return profile.origin === 'user' ? { ...profile, id: ref } : profile;
}

/** Checks a profile (folder, file or library id) against physics and itself: findings, worst first. */
export function lintNamedProfile(ref: string): LintFinding[] {
  const catalog = loadCatalog();
  return lintOf(loadNamedProfile(ref, catalog), catalog);
}
