import type { Outcome } from '../src/verdict/classify.ts';
import { readableLines } from '../src/guest/console.ts';
import { readGuestReport } from '../src/guest/report.ts';

/** The report of a boot of demo-os, shortened. */
export const GOOD = `{"event":"init","uptime":1.63}
{"event":"step","uptime":1.65,"step":"20-cgroups","status":"ok"}
{"event":"container","uptime":3.53,"name":"demo","status":"running","pid":152,"address":"10.22.0.2"}
{"event":"container","uptime":4.39,"name":"peer","status":"running","pid":291,"address":"10.22.0.3"}
{"event":"step","uptime":4.39,"step":"60-containers","status":"ok"}
{"event":"fact","uptime":4.56,"name":"memory","value":{"totalKiB":241800,"usedKiB":64096}}
{"event":"fact","uptime":4.57,"name":"process","value":"httpd"}
{"event":"fact","uptime":4.75,"name":"namespace","container":"demo","kind":"pid","value":"4026532172","host":"4026531836"}
{"event":"fact","uptime":4.77,"name":"namespace","container":"demo","kind":"net","value":"4026532174","host":"4026531840"}
{"event":"fact","uptime":4.82,"name":"reach","from":"demo","to":"gateway","ok":true}
{"event":"fact","uptime":4.86,"name":"reach","from":"demo","to":"host","ok":true}
{"event":"fact","uptime":4.88,"name":"reach","from":"demo","to":"peer","ok":false}
{"event":"done","uptime":5.04}
{"event":"container","uptime":6.17,"name":"demo","status":"stopped","exitCode":0,"reason":"stopped by the host"}
{"event":"poweroff","uptime":6.31}
`;

/** The report up to, and without, the first line with `text`. */
export const upTo = (text: string): string => GOOD.slice(0, GOOD.lastIndexOf('\n', GOOD.indexOf(text)) + 1);

/** A boot that ended well, but for what is given. */
export function outcome({
  report = GOOD,
  console: text = 'Linux version 6.12\n',
  ...rest
}: { report?: string; console?: string } & Partial<Pick<Outcome, 'end' | 'requests' | 'published'>> = {}): Outcome {
  return {
    end: 0,
    seconds: 7.3,
    limit: 60,
    requests: ['GET / HTTP/1.1'],
    published: { 8080: { page: 'Hello from demo\n' }, 82: { error: 'Hello? no' } },
    ...rest,
    console: readableLines(text),
    report: readGuestReport(report),
  };
}
