import * as fc from 'fast-check';
import { source, text, type Style, type Tree } from './tree.ts';

/** What a text of a key looks like in files that are taken, for the keys that take more than any text. The first one that matches a point is taken. */
const TEXTS: readonly (readonly [point: RegExp, values: readonly string[]])[] = [
  [
    /\.(interval|timeout|start_period|start_interval|stop_grace_period|delay|monitor|window)$/,
    ['30s', '1m30s', '1.5h', '100ms', '0s', '1d', '1w', '2h0m5s', '10us'],
  ],
  [/\.(mem_limit|mem_reservation|memswap_limit|shm_size|memory|size|rate)(\||$)/, ['64m', '1g', '1.5GB', '100', '2 kb', '1024b', '1KiB']],
  [/\.healthcheck\.test\|0/, ['curl -f x || exit 1', 'NONE', 'true']],
  [/\.healthcheck\.test\|1:array\[\]$/, ['CMD', 'CMD-SHELL']],
  [/\.(build|image|platforms\[\])$/, ['busybox', 'r.example:5000/a/b:1.2']],
  [/\.(context|build\|0:string)$/, ['.', './ctx', '../ctx', '/abs/ctx', 'https://x.example/r.git#main']],
  [/\.cpus\|:string$/, ['0.5', '2', '.25', '1e-1']],
  [/\.max_failure_ratio\|:string$/, ['0.25', '1']],
  [/\.(count)\|:string$/, ['all', '2']],
  [/\.mode\|:string$/, ['0440', '400', '0', '0777']],
  [/\.published\|:string$/, ['8080', '8000-8010', '0', '']],
  [/\.oom_score_adj\|0:string$/, ['1', '100']],
  [/\.cpu_percent/, ['50', '7']],
  [/\.(cpu_rt_period|cpu_rt_runtime|cpu_period|cpu_quota|cpu_shares|cpu_count\|0|cpu_percent\|0)/, ['1000', '95', '7']],
  [/\.mem_swappiness\|:string$/, ['60', '1k']],
  [
    /(enabled|external|internal|attachable|enable_ipv[46]|required|restart|disable|privileged|no_cache|pull|read_only|nocopy|create_host_path|attach|init|tty|stdin_open|oom_kill_disable)\|:string$/,
    ['true', 'false', 'yes', 'no', 'On', 'Y', 'FALSE'],
  ],
  [/\.(target|scale|replicas|parallelism|max_attempts|max_replicas_per_node|pids|pids_limit|retries|value|weight)\|:string$/, ['80', '1', '65000']],
  [/\.ulimits\..*string$/, ['100', '-1', '65535']],
  [/\.ulimits\..*(soft|hard)/, ['100', '200']],
  [/\.(container_name)$/, ['my.web_1-x', 'ab', 'Zz9']],
  [/\.pull_policy$/, ['always', 'never', 'missing', 'if_not_present', 'daily', 'every_12h', 'build']],
  [/\.restart$/, ['no', 'always', 'on-failure:3', 'unless-stopped']],
  [/\.(ports\[\]\|1:string)$/, ['80', '8080:80', '127.0.0.1:81:81', '90-91:92-93', '5000-5002', '53:53/udp', '[::1]:94:95', '127.0.0.1::86', '8000-8010:70']],
  [/\.(expose)\[\]\|:string$/, ['80', '90-92', '53/udp']],
  [/\.volumes\[\]\|0:string$/, ['/anon', '/a:/b', './x:/c:ro', 'data:/d', 'data:/e:nocopy', '../y:/f:rw,z', '/a b:/g h', '/q/../r:/s/']],
  [/\.volumes\[\].*\.source$/, ['/src', './rel', 'data', '../up']],
  [/\.volumes\[\].*\.target$/, ['/t1', '/t2', '/t3', '/t/4', '/t5/']],
  [/\.volumes\[\].*\.subpath$/, ['sub', 'a/b']],
  [/\.tmpfs\|0:string$|\.tmpfs\|1:array\[\]$/, ['/run', '/tmp:size=1m,mode=1777', '/u', '/w:ro']],
  [/\.devices\[\]\|0:string$/, ['/dev/a', '/dev/a:/dev/b', '/dev/c:/dev/d:r', 'v.example/c=d']],
  [/\.devices\[\]\|1:object\.(source|target)$/, ['/dev/x', '/dev/y']],
  [/\.device_ids(\||\[)/, ['0', '3']],
  [/\.blkio_config.*\.path$/, ['/dev/sda', '/dev/sdb']],
  [/\.extra_hosts\|0:object/, ['1.1.1.1', '::1', '[::2]', 'host-gateway']],
  [/\.extra_hosts\|1:array\[\]$/, ['a=1.1.1.1', 'b:2.2.2.2', 'c:::1', 'd=[::2]', 'h:host-gateway']],
  [/\.additional_contexts\|1:array/, ['a=./res', 'b=https://x.example', 'c=docker-image://x']],
  [/\.(environment|args|labels|annotations|sysctls|options)\|1:array\[\]$/, ['A=1', 'B=', 'C=x y', 'D=a=b', "E='q'", 'F=#x', 'G']],
  [/\.ssh\|/, ['default']],
  [/\.additional_contexts\|0:object/, ['./res', 'https://x.example', 'docker-image://x']],
  [/\.(env_file\|0:string|env_file\|1:array\[\]\|0:string|env_file.*\.path)$/, ['one.env', './sub/two.env']],
  [/^\.include.*env_file/, ['one.env', 'sub/two.env']],
  [/^\.include.*project_directory$/, ['.', 'sub', './elsewhere']],
  [/^\.include/, ['included.yaml', 'sub/below.yaml']],
  [/\.env_file.*\.format$/, ['raw']],
  [/\.label_file/, ['one.labels', './sub/two.labels']],
  [/\.extends.*\.file$/, ['leaf.yaml', './leaf.yaml']],
  [/\.extends/, ['leaf']],
  [/\.(depends_on|models|links|volumes_from|external_links)(\||\[)/, ['leaf']],
  [/\.networks\|0:array\[\]$/, ['n1', 'n2', 'default']],
  [/\.(secrets|configs)\[\]\|0|\.(secrets|configs)\[\].*\.source|\.credential_spec\.config/, ['one', 'two']],
  [/\.network_mode$/, ['host', 'none', 'bridge', 'service:leaf', 'container:x']],
  [/\.(pid|ipc)(\|:string)?$/, ['host', 'service:leaf', 'container:x', 'shareable']],
  [/\.(subnet|ip_range)$/, ['10.0.0.0/8', '172.28.0.0/16']],
  [/\.(ipv4_address|gateway|aux_addresses.*|link_local_ips.*)$/, ['10.0.0.5', '10.0.0.1']],
  [/\.ipv6_address$/, ['2001:db8::5']],
  [/\.(security_opt)\[\]$/, ['label=user:USER', 'seccomp:unconfined', 'no-new-privileges']],
  [/\.host_ip$/, ['127.0.0.1', '::1', '0.0.0.0']],
  [/\.protocol$/, ['tcp', 'udp']],
  [/\.(uid|gid)$/, ['0', '103']],
  [/\.(command|entrypoint)(\||$)|\.command\|1:string$/, ['echo "a b" c', 'x', "a 'b c' d\\ e", 'sh -c "x; y"', '--a=b']],
  [/\.generic_resources/, ['gpu', '2']],
  [/\.(file|dockerfile)$/, ['./f.txt', 'f', '../g', '/abs/f']],
  [/^\.name$/, ['proj', 'my_app-1', '1x']],
  [/\.version$/, ['3', '3.8']],
  [/\.watch\[\]\.path$/, ['./w', 'src', '/abs']],
];

/** Texts for keys that take any text: those whose type YAML guesses are the interesting ones. */
const ANY_TEXT = [
  'x',
  'a b',
  'true',
  'no',
  '010',
  '1e3',
  '1.10',
  'null',
  '~',
  '2001-01-01',
  '0x1F',
  'a#b',
  'a # b',
  "it's",
  'say "hi"',
  'ä😀',
  'a$b',
  '$',
  '$$',
  '{x}',
  '[y]',
  'a: b',
  '-',
  '@x',
  '%y',
  '*z',
  'a,b',
  'https://h:1/p?q=1&r=2',
];

/** Numbers as YAML spells them. */
const INTEGERS = ['1', '0', '2', '100', '0x10', '010', '0o17', '1_000', '0b11', '+5'];
const NUMBERS = [...INTEGERS, '1.5', '0.25', '.5', '1e2', '5.'];
const SMALL = ['1', '2', '3', '7'];

const STYLES: fc.Arbitrary<Style> = fc.oneof(
  { weight: 5, arbitrary: fc.constant('plain' as const) },
  { weight: 2, arbitrary: fc.constantFrom('double' as const, 'single' as const) },
  { weight: 1, arbitrary: fc.constantFrom('variable' as const, 'default' as const) },
);

export function texts(point: string): fc.Arbitrary<Tree> {
  const known = TEXTS.find(([pattern]) => pattern.test(point))?.[1];
  const values = known ? fc.oneof({ weight: 80, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: fc.constantFrom(...ANY_TEXT) }) : anyText();
  return fc.tuple(values, STYLES).map(([value, style]) => text(value, style));
}

export function enumerated(values: readonly string[]): fc.Arbitrary<Tree> {
  return fc.tuple(fc.constantFrom(...values), STYLES).map(([value, style]) => text(value, style));
}

function anyText(): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('x', 'a b', 'text') },
    { weight: 3, arbitrary: fc.constantFrom(...ANY_TEXT) },
    { weight: 1, arbitrary: fc.string({ maxLength: 8 }) },
  );
}

export function integers(point: string, minimum = 0, maximum = Infinity): fc.Arbitrary<Tree> {
  const values = /\.(target|published|ports)|weight|percent|score|retries|scale|replicas|count/.test(point) ? SMALL : INTEGERS;
  return fc.constantFrom(...values.filter((one) => Number(one.replaceAll('_', '')) >= minimum && Number(one.replaceAll('_', '')) <= maximum)).map(source);
}

export function numbers(point: string): fc.Arbitrary<Tree> {
  const whole = /ports|expose|priority|cpu_|pids|retries|value|mode|_limit|shm_size|group_add/.test(point);
  return fc.constantFrom(...(whole ? INTEGERS : NUMBERS)).map(source);
}

export const booleans: fc.Arbitrary<Tree> = fc.constantFrom('true', 'false', 'True', 'FALSE').map(source);
export const nothing: fc.Arbitrary<Tree> = fc.constantFrom('null', '~').map(source);

/** Something of the wrong kind, for files that should be refused. */
export const wrong: fc.Arbitrary<Tree> = fc.oneof(
  fc
    .constantFrom(
      'null',
      '5',
      '-1',
      '1.5',
      'true',
      '2001-01-01',
      '""',
      '"\\"',
      '[]',
      '{}',
      '[[]]',
      '[1, 1]',
      '{ a: 1 }',
      '"${"',
      '"${A:?m}"',
      '"$UNSET"',
      '!reset null',
      '!override []',
    )
    .map(source),
  fc.constantFrom('', ' ', 'x', '0', ':', '/', '=', '-1', '1.5', 'a:b:c:d', '1s', '1x').map((value) => text(value, 'double')),
);
