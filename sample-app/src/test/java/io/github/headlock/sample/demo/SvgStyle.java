package io.github.headlock.sample.demo;

/**
 * Holds the style sheet of the picture. Colours are plain values, not variables, which
 * some viewers do not know.
 */
final class SvgStyle {

	static final String SHEET = """
			text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #3b434b; }
			.title { font-size: 15px; font-weight: 600; fill: #16191d; }
			.name { font-weight: 600; }
			.tick { font-size: 12px; text-anchor: middle; fill: #656d76; }
			.words { paint-order: stroke; stroke: #ffffff; stroke-width: 5px; stroke-linejoin: round; }
			.failed { fill: #b3261e; }
			.paper { fill: #ffffff; stroke: #d5dae0; }
			.grid { stroke: #e3e7eb; }
			.starting { fill: #c6ced6; }
			.waiting { fill: #f0b429; }
			.migrating { fill: #2f6fde; }
			.fast-path { fill: #8250df; }
			.out-of-service { fill: #e5824f; }
			.finishing { fill: #a9d8b4; }
			.ready { fill: #1a7f37; stroke: #ffffff; stroke-width: 1.5; }
			@media (prefers-color-scheme: dark) {
			text { fill: #c3cad2; }
			.title { fill: #f0f3f6; }
			.tick { fill: #8d96a0; }
			.words { stroke: #14181d; }
			.failed { fill: #ff8a80; }
			.paper { fill: #14181d; stroke: #343b44; }
			.grid { stroke: #2a3038; }
			.starting { fill: #56606b; }
			.waiting { fill: #d99a0b; }
			.migrating { fill: #5b94f5; }
			.fast-path { fill: #a77bf3; }
			.out-of-service { fill: #c8673a; }
			.finishing { fill: #2f6f42; }
			.ready { fill: #4ccb6a; stroke: #14181d; }
			}
			""";

	private SvgStyle() {
	}

}
