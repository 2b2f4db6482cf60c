/** A trap of Compose that shows only when containers run: what is asked on the console of the OS, and a pattern of the answer. */
export interface Row {
  /** Its number in the collection of traps, and what is right. */
  row: number;
  right: string;
  /** The image of tools/traps, and its boot, of those after another on one disk: the second comes after a power cut. */
  image: 'storage' | 'life' | 'networks';
  boot: 1 | 2;
  ask: string;
  answer: RegExp;
  /** Among those that are asked without the rest. */
  short?: true;
}

const log = (name: string): string => `cut -d' ' -f2- /run/log/containers/${name}/current`;
const inside = (name: string, command: string): string => `cosctl exec ${name} sh -c '${command}'`;
const route = (name: string): string => `nsenter --net=/run/netns/${name} ip route`;
const status = (name: string): string => `cat /run/container-os/containers/${name}/status`;

export const ROWS: Row[] = [
  {
    row: 49,
    right: 'a folder that is missing is an empty one',
    image: 'storage',
    boot: 1,
    ask: inside('missing', 'ls -A /x | wc -l; echo kept >/x/kept'),
    answer: /^0$/m,
  },
  { row: 49, right: 'what is written there lasts', image: 'storage', boot: 2, ask: inside('missing', 'cat /x/kept'), answer: /^kept$/m },
  {
    row: 50,
    right: 'a new volume has owner, mode and content of the image',
    image: 'storage',
    boot: 1,
    ask: inside('seeded', 'stat -c %u:%g:%a /data; ls /etc/redis'),
    answer: /^999:999:755\s+redis\.conf$/m,
    short: true,
  },
  { row: 50, right: 'nocopy leaves it empty', image: 'storage', boot: 1, ask: inside('unseeded', 'ls -A /etc/redis | wc -l'), answer: /^0$/m },
  {
    row: 51,
    right: "an anonymous volume covers a folder's, and VOLUME of the image is one",
    image: 'storage',
    boot: 1,
    ask: inside('anonymous', 'cat /app/main; ls -A /app/node_modules | wc -l; echo kept >/app/node_modules/kept; echo kept >/data/kept; sync'),
    answer: /^code\s+0$/m,
  },
  {
    row: 51,
    right: 'both last',
    image: 'storage',
    boot: 2,
    ask: inside('anonymous', 'cat /app/node_modules/kept /data/kept'),
    answer: /^kept\s+kept$/m,
    short: true,
  },
  {
    row: 52,
    right: 'a volume of type none is a bind',
    image: 'storage',
    boot: 1,
    ask: inside('bound', 'cat /given/file'),
    answer: /^a file of the workspace$/m,
  },
  {
    row: 53,
    right: 'tmpfs has noexec, nosuid, nodev and its size',
    image: 'storage',
    boot: 1,
    ask: inside('memory', 'grep " /u " /proc/mounts; stat -c %a /u'),
    answer: /^(?=.*nosuid)(?=.*nodev)(?=.*noexec).*size=1024k.*\s+1777$/m,
    short: true,
  },
  { row: 56, right: "an entrypoint drops the image's command", image: 'storage', boot: 1, ask: log('entrypoint'), answer: /^entry$/m, short: true },
  { row: 57, right: 'a user by name has the group of the image', image: 'storage', boot: 1, ask: log('named'), answer: /^33:33:33$/m, short: true },
  { row: 57, right: 'a number without entry has group 0', image: 'storage', boot: 1, ask: log('numbered'), answer: /^4242:0:0$/m },
  { row: 57, right: 'a group that is given is the only one', image: 'storage', boot: 1, ask: log('grouped'), answer: /^33:5:5$/m },
  { row: 58, right: 'PATH, HOME and HOSTNAME are set', image: 'storage', boot: 1, ask: log('variables'), answer: /^\/\S*:\/bin \/root \w+$/m, short: true },
  {
    row: 77,
    right: 'a config of content has text, owner and mode; by default /name and 0444',
    image: 'storage',
    boot: 1,
    ask: inside('given', 'stat -c %u:%g:%a /owned /text; cat /text; echo; ls /run/secrets; cat /run/secrets/word'),
    answer: /^33:33:440\s+0:0:444\s+\$x d\s+word\s+a file of the workspace$/m,
    short: true,
  },
  {
    row: 60,
    right: "a check without test has the image's",
    image: 'life',
    boot: 1,
    ask: 'cat /run/container-os/containers/checked/health',
    answer: /^healthy$/m,
  },
  {
    row: 62,
    right: 'start_interval sets the pace in the start period, in which failures do not count',
    image: 'life',
    boot: 1,
    ask: 'cat /run/container-os/containers/soon/health; grep -c soon.*unhealthy /run/container-os/events',
    answer: /^healthy\s+0$/m,
    short: true,
  },
  {
    row: 63,
    right: 'the grace period is its own, else 10 s; the signal is its own, the image’s, TERM',
    image: 'life',
    boot: 1,
    ask: 'for one in patient usual; do grep -h "^grace\\|^stop_signal" /run/container-os/containers/$one/bundle/service; done',
    answer: /^stop_signal=QUIT\s+grace_ms=90000\s+stop_signal=TERM\s+grace_ms=10000$/m,
    short: true,
  },
  { row: 64, right: 'a shell at a terminal goes on', image: 'life', boot: 1, ask: status('terminal'), answer: /^running$/m },
  { row: 64, right: 'without one its input is empty', image: 'life', boot: 1, ask: status('silent'), answer: /^exited$/m },
  {
    row: 65,
    right: 'a job runs once, then who waits for it',
    image: 'life',
    boot: 1,
    ask: `${log('done')}; ${status('after')}`,
    answer: /^once\s+running$/m,
    short: true,
  },
  { row: 65, right: 'a job that fails has not completed', image: 'life', boot: 1, ask: status('never'), answer: /^(failed|created|starting|restarting)$/m },
  {
    row: 66,
    right: 'a wait for the health of a container without a check is an error',
    image: 'life',
    boot: 1,
    ask:
      'mkdir -p /tmp/hopes; ' +
      'echo \'{"rootfs":["silent"],"command":["sleep","9"],"depends_on":{"usual":{"condition":"service_healthy"}}}\' >/tmp/hopes/container.json; ' +
      'cosctl create hopes /tmp/hopes; timeout 60 cosctl start hopes; cat /run/container-os/containers/hopes/reason',
    answer: /usual has no health check, so that it is never healthy$/m,
    short: true,
  },
  {
    row: 67,
    right: 'who is in its network starts again with it',
    image: 'life',
    boot: 1,
    ask: 'cd /run/container-os/containers/guest; before=$(cat pid); cosctl restart owner; sleep 10; [ "$before" != "$(cat pid)" ] && echo another',
    answer: /^another$/m,
  },
  {
    row: 68,
    right: 'restart_policy of deploy wins',
    image: 'life',
    boot: 1,
    ask: `${status('twice')}; ${log('twice')}`,
    answer: /^exited\s+run$/m,
    short: true,
  },
  {
    row: 72,
    right: 'with the networks of the OS, ports are accepted and have no effect',
    image: 'networks',
    boot: 1,
    ask:
      `${status('hosted')}; [ /proc/$(cat /run/container-os/containers/hosted/pid)/ns/net -ef /proc/1/ns/net ] && echo same; ` +
      'ls /run/container-os/ports | grep -c 9090',
    answer: /^running\s+same\s+0$/m,
    short: true,
  },
  {
    row: 73,
    right: 'the gateway is that of the first network by name',
    image: 'networks',
    boot: 1,
    ask: route('order'),
    answer: /^default via 172\.30\.1\.1 /m,
    short: true,
  },
  { row: 73, right: 'or that with the highest gw_priority', image: 'networks', boot: 1, ask: route('priority'), answer: /^default via 172\.30\.2\.1 /m },
  { row: 74, right: 'an internal network has no route out', image: 'networks', boot: 1, ask: `${route('inside')} | grep -c default`, answer: /^0$/m },
  { row: 74, right: 'but names', image: 'networks', boot: 1, ask: inside('inside', 'getent hosts peer nick | wc -l'), answer: /^2$/m, short: true },
  {
    row: 75,
    right: 'an alias of links is local',
    image: 'networks',
    boot: 1,
    ask: 'for one in third fourth; do cosctl exec $one getent hosts foo | cut -d" " -f1; done | uniq | wc -l; cosctl exec left getent hosts foo || echo none',
    answer: /^2\s+none$/m,
    short: true,
  },
  {
    row: 76,
    right: 'extra hosts of each form',
    image: 'networks',
    boot: 1,
    ask: inside('hosts', 'cat /etc/hosts'),
    answer: /^(?=[^]*::1\s+b6)(?=[^]*::2\s+c6)(?=[^]*1\.1\.1\.1\s+one)(?=[^]*2\.2\.2\.2\s+two)[^]*172\.30\.1\.1\s+h\b/m,
  },
  {
    row: 78,
    right: 'no dynamic address takes a static one',
    image: 'networks',
    boot: 1,
    ask: 'cat /run/container-os/containers/static/address; cat /run/container-os/containers/dynamic/address',
    answer: /^172\.30\.7\.2\s+172\.30\.7\.[3-9]/m,
  },
  {
    row: 78,
    right: 'nor a lease of before a crash',
    image: 'networks',
    boot: 2,
    ask: 'cat /run/container-os/containers/static/address',
    answer: /^172\.30\.7\.2$/m,
    short: true,
  },
  {
    row: 82,
    right: 'ports that stand in no order are published',
    image: 'networks',
    boot: 1,
    ask: `${inside('ordered', 'echo kept >/kept; sync')}; ls /run/container-os/ports | grep -x "1883.tcp\\|4000.tcp"`,
    answer: /^1883\.tcp\s+4000\.tcp$/m,
  },
  {
    row: 82,
    right: 'and their container is started once, not made anew',
    image: 'networks',
    boot: 2,
    ask: `${inside('ordered', 'cat /kept')}; grep -c '"name":"ordered","event":"running"' /run/container-os/events`,
    answer: /^kept\s+1$/m,
  },
];
