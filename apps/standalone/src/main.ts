import 'reflect-metadata';
import { runStandalone } from './standalone.process';

void runStandalone();
