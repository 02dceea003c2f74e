export { InputError, type InputFault } from './core/errors';
