// Started by tests with scripts/typescript-hook.cjs: migrates a database in a process that can be killed.
import { migrate } from '../../src/adapters/db/migrate';

void migrate(process.argv[2]!, process.argv[3]!);
