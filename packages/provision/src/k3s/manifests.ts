import { stringify } from 'yaml';
import type { ManagedFile } from '../host/managed-file.ts';
import { gpuLabel, manifestFolder } from './files.ts';

const manifest = (name: string, ...documents: object[]): ManagedFile => ({
  path: `${manifestFolder}/${name}.yaml`,
  mode: 0o600,
  content: `# Written by "muster apply"; k3s makes it so by itself.\n${documents.map((one) => stringify(one)).join('---\n')}`,
});

export const ingressPath = `${manifestFolder}/muster-ingress.yaml`;
export const gpuPath = `${manifestFolder}/muster-nvidia.yaml`;

/** The ports of the ingress that k3s brings (Traefik); undefined where both are the usual ones. Pure. */
export function ingressManifest(httpPort: number | undefined, httpsPort: number | undefined): ManagedFile | undefined {
  if (httpPort === undefined && httpsPort === undefined) return undefined;
  const ports = {
    ...(httpPort === undefined ? {} : { web: { exposedPort: httpPort } }),
    ...(httpsPort === undefined ? {} : { websecure: { exposedPort: httpsPort } }),
  };
  return manifest('muster-ingress', {
    apiVersion: 'helm.cattle.io/v1',
    kind: 'HelmChartConfig',
    metadata: { name: 'traefik', namespace: 'kube-system' },
    spec: { valuesContent: stringify({ ports }) },
  });
}

const pluginName = 'muster-nvidia-device-plugin';

/** The runtime class of NVIDIA's container runtime, and the device plugin on the machines with `has_gpu`. Pure. */
export const gpuManifest = (image: string): ManagedFile =>
  manifest(
    'muster-nvidia',
    { apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'nvidia' }, handler: 'nvidia' },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: pluginName, namespace: 'kube-system' },
      spec: {
        selector: { matchLabels: { name: pluginName } },
        template: {
          metadata: { labels: { name: pluginName } },
          spec: {
            runtimeClassName: 'nvidia',
            nodeSelector: { [gpuLabel]: 'true' },
            priorityClassName: 'system-node-critical',
            tolerations: [{ key: 'nvidia.com/gpu', operator: 'Exists', effect: 'NoSchedule' }],
            containers: [
              {
                name: 'plugin',
                image,
                imagePullPolicy: 'IfNotPresent',
                env: [{ name: 'FAIL_ON_INIT_ERROR', value: 'false' }],
                securityContext: { privileged: true },
                volumeMounts: [{ name: 'sockets', mountPath: '/var/lib/kubelet/device-plugins' }],
              },
            ],
            volumes: [{ name: 'sockets', hostPath: { path: '/var/lib/kubelet/device-plugins' } }],
          },
        },
      },
    },
  );

/** A pod that runs on one machine and ends well; with `hasGpu` only where it is given a card. JSON for `kubectl apply`. Pure. */
export const probePod = (node: string, image: string, hasGpu: boolean): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: probeName(node, hasGpu), namespace: 'kube-system', labels: { 'app.kubernetes.io/managed-by': 'muster' } },
    spec: {
      // With a card the scheduler has to look whether there is one, so the machine is only selected.
      ...(hasGpu
        ? { nodeSelector: { 'kubernetes.io/hostname': node }, runtimeClassName: 'nvidia', tolerations: [{ operator: 'Exists' }] }
        : { nodeName: node }),
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 1,
      containers: [
        {
          name: 'probe',
          image,
          imagePullPolicy: 'IfNotPresent',
          command: hasGpu ? ['sh', '-c', 'ls /dev/nvidia0'] : ['true'],
          ...(hasGpu ? { resources: { limits: { 'nvidia.com/gpu': 1 } } } : {}),
        },
      ],
    },
  });

/** The name of that pod. Dots are no part of one. */
export const probeName = (node: string, hasGpu: boolean): string =>
  `muster-verify-${hasGpu ? 'gpu-' : ''}${node.replaceAll('.', '-')}`.slice(0, 63);
