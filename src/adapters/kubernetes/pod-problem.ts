/** Of a pod, as far as it says why it does not run. */
export interface PodStatus {
  readonly phase?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  readonly containerStatuses?: readonly {
    readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
  }[];
}

const advice: Readonly<Record<string, string>> = {
  ErrImageNeverPull: 'Bring the image to the node',
  ErrImagePull: 'Check the image, and the pull secret given to `firedrill install`',
  ImagePullBackOff: 'Check the image, and the pull secret given to `firedrill install`',
  InvalidImageName: 'Install again with an image that has a valid name',
  CreateContainerConfigError: 'Look at the pod with kubectl describe',
  CreateContainerError: 'Look at the pod with kubectl describe',
  RunContainerError: 'Look at the pod with kubectl describe: the node may forbid what it asks for',
  CrashLoopBackOff: 'Look at its log with kubectl logs --previous',
};

/**
 * What keeps a pod from running, and whether another one is needed: the kubelet lets one that failed again and again wait for minutes,
 * and whatever it has to revert with it.
 */
export function problemOfPod(status: PodStatus): { readonly problem: string | null; readonly over: boolean } {
  const { phase, reason, message, containerStatuses = [] } = status;
  if (phase === 'Failed' || phase === 'Succeeded') {
    return { problem: said(reason ?? phase, message), over: true };
  }
  const waiting = containerStatuses.map(({ state }) => state?.waiting).find((each) => (each?.reason ?? '') in advice);
  if (waiting?.reason === undefined) return { problem: null, over: false };
  return {
    problem: `${said(waiting.reason, waiting.message)}. ${advice[waiting.reason]}`,
    over: waiting.reason === 'CrashLoopBackOff',
  };
}

function said(reason: string, message: string | undefined): string {
  return message === undefined || message === '' ? reason : `${reason}: ${message.replace(/\.$/, '')}`;
}
