import type { EChartsOption } from 'echarts';
import { withVariables } from './palette.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** Drawn on the server, without a DOM. ECharts is loaded only here: most commands never draw. */
export async function renderSvg(id: string, size: Size, option: EChartsOption): Promise<string> {
  const echarts = await import('echarts');
  const chart = echarts.init(null, null, { renderer: 'svg', ssr: true, width: size.width, height: size.height });
  try {
    chart.setOption({ animation: false, ...option });
    return withVariables(standalone(chart.renderToSVGString(), id));
  } finally {
    chart.dispose();
  }
}

/** Ids of its own in every drawing, the same in every process; no address; no own colours or hover rules. */
function standalone(svg: string, id: string): string {
  return svg
    .replace(/zr\d+-/g, `${id}-`)
    .replace(/ xmlns(:\w+)?="[^"]*"/g, '')
    .replace(/<style\s*>[\s\S]*?<\/style>/g, '')
    .replace(/ class="[^"]*"/g, '')
    .replace(/font-family:[^;"]*/g, 'font-family:inherit')
    .replace('<svg ', '<svg aria-hidden="true" ');
}
