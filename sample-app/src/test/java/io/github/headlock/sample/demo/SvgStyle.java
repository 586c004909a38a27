package io.github.headlock.sample.demo;

/**
 * Holds the style sheet of the picture. Colours are plain values, not variables, which
 * some viewers do not know.
 */
final class SvgStyle {

	static final String SHEET = """
			text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #3b434b; }
			.headline { fill: #656d76; }
			.title { font-size: 16px; font-weight: 600; fill: #16191d; }
			.result { font-size: 16px; font-weight: 600; text-anchor: end; }
			.note { font-size: 12px; fill: #656d76; }
			.name { font-weight: 600; }
			.tick { font-size: 12px; text-anchor: middle; fill: #656d76; }
			.percent { font-size: 12px; text-anchor: end; fill: #656d76; }
			.words { paint-order: stroke; stroke: #ffffff; stroke-width: 5px; stroke-linejoin: round; }
			.good { fill: #1a7f37; }
			.bad { fill: #b3261e; }
			.paper { fill: #ffffff; stroke: #d5dae0; }
			.grid { stroke: #e3e7eb; }
			.starting { fill: #dfe4e9; }
			.waiting { fill: #f0b429; }
			.migrating { fill: #2f6fde; }
			.fast-path { fill: #8250df; }
			.out-of-service { fill: #e5824f; }
			.finishing { fill: #a9d8b4; }
			.serving { fill: #1a7f37; }
			.filled { fill: #4aa8a0; }
			.ready { fill: #1a7f37; stroke: #ffffff; stroke-width: 1.5; }
			.refused { fill: #9a6700; stroke: #ffffff; stroke-width: 1.5; }
			.never-ready { fill: #ffffff; stroke: #b3261e; stroke-width: 3; }
			.cross { fill: none; stroke: #b3261e; stroke-width: 3; }
			@media (prefers-color-scheme: dark) {
			text { fill: #c3cad2; }
			.headline { fill: #8d96a0; }
			.title { fill: #f0f3f6; }
			.note { fill: #8d96a0; }
			.tick { fill: #8d96a0; }
			.percent { fill: #8d96a0; }
			.words { stroke: #14181d; }
			.good { fill: #4ccb6a; }
			.bad { fill: #ff8a80; }
			.paper { fill: #14181d; stroke: #343b44; }
			.grid { stroke: #2a3038; }
			.starting { fill: #333b44; }
			.waiting { fill: #d99a0b; }
			.migrating { fill: #5b94f5; }
			.fast-path { fill: #a77bf3; }
			.out-of-service { fill: #c8673a; }
			.finishing { fill: #2f6f42; }
			.serving { fill: #4ccb6a; }
			.filled { fill: #3f8f88; }
			.ready { fill: #4ccb6a; stroke: #14181d; }
			.refused { fill: #d4a72c; stroke: #14181d; }
			.never-ready { fill: #14181d; stroke: #ff8a80; }
			.cross { stroke: #ff8a80; }
			}
			""";

	private SvgStyle() {
	}

}
