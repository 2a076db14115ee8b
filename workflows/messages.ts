import { defineQuery, defineSignal } from '@temporalio/workflow';
import type { AbortRequest, PersonMessage, RunStatus } from '../src/domain/run-messages.ts';

export const abortSignal = defineSignal<[AbortRequest]>('abort');
export const personSignal = defineSignal<[PersonMessage]>('person');
export const statusQuery = defineQuery<RunStatus>('status');

export const runQueue = 'firedrill';

/** Reverts have their own queue, so that long watches can never starve them of a slot. */
export const revertQueue = 'firedrill-revert';
