package io.github.headlock.benchmark;

import java.util.Locale;
import java.util.Optional;

/**
 * Draws how many times that of plain Flyway it is with Headlock: a bar for each metric
 * and situation, with the quartiles, beside a line for plain Flyway. For light and dark
 * surroundings.
 */
final class RatioChart {

	/** Where the bars begin; the situations stand before. */
	static final int LEFT = 300;

	static final int WIDTH_OF_ONE = 220;

	/** Longer bars are cut. */
	static final double MOST = 1.5;

	private static final int WIDTH = 960;

	private static final int MARGIN = 24;

	private static final int ROW = 26;

	private static final int BAR = 14;

	/** Colours are plain values, not variables, which some viewers do not know. */
	private static final String STYLE = """
			text { font: 13px system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; fill: #3b434b; }
			.title { font-size: 15px; font-weight: 600; fill: #16191d; }
			.metric { font-weight: 600; }
			.note { font-size: 12px; fill: #656d76; }
			.paper { fill: #ffffff; stroke: #d5dae0; }
			.headlock { fill: #2f6fde; }
			.quartiles { stroke: #16191d; stroke-width: 1.5; }
			.plain { stroke: #b3261e; stroke-width: 1.5; }
			@media (prefers-color-scheme: dark) {
			text { fill: #c3cad2; }
			.title { fill: #f0f3f6; }
			.note { fill: #8d96a0; }
			.paper { fill: #14181d; stroke: #343b44; }
			.headlock { fill: #5b94f5; }
			.quartiles { stroke: #f0f3f6; }
			.plain { stroke: #ff8a80; }
			}
			""";

	private final Results results;

	private final Part part;

	private final StringBuilder body = new StringBuilder();

	private int y = MARGIN;

	RatioChart(Results results, Part part) {
		this.results = results;
		this.part = part;
	}

	String svg() {
		String title = this.part.title();
		text("title", MARGIN, 12, title);
		text("note", LEFT, 34, "bar: Headlock, and its quartiles; line: plain Flyway");
		this.y += 44;
		this.part.drawn().forEach(this::draw);
		return String.format(Locale.ROOT, """
				<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" role="img">
				<title>%3$s</title>
				<style>
				%4$s</style>
				<rect class="paper" x="0.5" y="0.5" width="%5$d" height="%6$d" rx="8"/>
				%7$s</svg>
				""", WIDTH, this.y, escape(title), STYLE, WIDTH - 1, this.y - 1, this.body);
	}

	private void draw(Metric metric) {
		text("metric", MARGIN, 12, metric.title());
		int top = this.y + ROW - 6;
		this.y += ROW;
		for (String situation : this.results.situations(this.part.name())) {
			draw(situation, metric);
		}
		int one = LEFT + WIDTH_OF_ONE;
		add("<line class=\"plain\" x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>", one, top, one, this.y);
		this.y += MARGIN;
	}

	private void draw(String situation, Metric metric) {
		Optional<Spread> headlock = this.results.spread(this.part.name(), situation, Variant.HEADLOCK, metric);
		if (headlock.isEmpty()) {
			return;
		}
		Optional<Spread> plain = this.results.spread(this.part.name(), situation, Variant.PLAIN, metric);
		Optional<Spread> ratio = this.results.ratio(this.part.name(), situation, metric);
		text("", MARGIN, 12, situation);
		ratio.ifPresent(this::bar);
		String words = ratio
			.map((times) -> String.format(Locale.ROOT, "%.2f ×: %s instead of %s", times.median(),
					metric.text(headlock.get()), metric.text(plain.orElseThrow())))
			.orElseGet(() -> metric.text(headlock.get()) + "; plain Flyway: " + plain.map(metric::text).orElse("none"));
		text("", LEFT + (int) (WIDTH_OF_ONE * MOST) + 12, 12, words);
		this.y += ROW;
	}

	private void bar(Spread ratio) {
		add("<rect class=\"headlock\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>", LEFT, this.y,
				width(ratio.median()), BAR);
		add("<line class=\"quartiles\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>", LEFT + width(ratio.lower()),
				this.y + BAR / 2, LEFT + width(ratio.upper()), this.y + BAR / 2);
	}

	private static double width(double ratio) {
		return WIDTH_OF_ONE * Math.max(0, Math.min(MOST, ratio));
	}

	private void text(String style, int x, int down, String text) {
		add("<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>", style, x, this.y + down, escape(text));
	}

	private void add(String element, Object... values) {
		this.body.append(String.format(Locale.ROOT, element, values)).append('\n');
	}

	private static String escape(String text) {
		return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
	}

}
