import { undoFolder } from '../host/undo-notes.ts';

/** Everything that k3s and its containers make on a machine. What of it was there before is somebody else's, and stays. */
export const k3sPlaces = [
  '/etc/rancher',
  '/var/lib/rancher',
  '/var/lib/kubelet',
  '/var/lib/cni',
  '/etc/cni',
  '/opt/cni',
  '/var/log/pods',
  '/var/log/containers',
  '/run/k3s',
  '/run/flannel',
  '/usr/libexec/kubernetes',
] as const;

/** Which of these places were there before a run. */
export const existedNote = `${undoFolder}/k3s-existed`;
