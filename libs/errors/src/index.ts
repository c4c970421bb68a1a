export { AppError, type AppErrorOptions, type Issue } from './app-error';
export { catalogue, type ErrorCode, type ErrorKind, isErrorCode, statusOfKind } from './catalogue';
export { type Problem, toProblem } from './problem';
