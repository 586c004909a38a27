package io.github.headlock.sample.demo;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Draws rollouts as a self-contained picture, all on the same scale, for light and dark
 * surroundings.
 */
final class SvgTimeline {

	private static final int WIDTH = 960;

	private static final int MARGIN = 24;

	/** Where the bars begin; the names stand before. */
	private static final int BARS = 110;

	/** Room for the bars; the words stand after. */
	private static final int BARS_WIDTH = 560;

	private static final int ROW = 26;

	private static final int BAR = 14;

	private final TimeAxis axis;

	private final StringBuilder body = new StringBuilder();

	private int y = MARGIN;

	private SvgTimeline(Duration end) {
		this.axis = new TimeAxis(BARS_WIDTH, end);
	}

	static String draw(List<RolloutTimeline> rollouts) {
		SvgTimeline timeline = new SvgTimeline(
				rollouts.stream().map(RolloutTimeline::end).max(Comparator.naturalOrder()).orElse(Duration.ZERO));
		rollouts.forEach(timeline::draw);
		timeline.drawLegend();
		return timeline.document();
	}

	private String document() {
		return """
				<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" role="img">
				<title>What each replica did while it started</title>
				<style>
				%3$s</style>
				<rect class="paper" x="0.5" y="0.5" width="%4$d" height="%5$d" rx="8"/>
				%6$s</svg>
				""".formatted(WIDTH, this.y, SvgStyle.SHEET, WIDTH - 1, this.y - 1, this.body);
	}

	private void draw(RolloutTimeline rollout) {
		text("title", MARGIN, this.y + 12, rollout.title());
		int top = this.y + 28;
		int bottom = top + rollout.replicas().size() * ROW + 4;
		drawAxis(top, bottom);
		for (int i = 0; i < rollout.replicas().size(); i++) {
			draw(rollout.replicas().get(i), top + 4 + i * ROW);
		}
		this.y = bottom + 48;
	}

	private void drawAxis(int top, int bottom) {
		for (int second : this.axis.ticks()) {
			double x = BARS + this.axis.at(Duration.ofSeconds(second));
			add("<line class=\"grid\" x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\"/>", x, top, x, bottom);
			text("tick", x, bottom + 16, second + " s");
		}
	}

	private void draw(ReplicaTimeline replica, int top) {
		int baseline = top + BAR / 2 + 9;
		text("name", MARGIN, baseline, replica.name());
		for (Phase phase : replica.phases()) {
			double from = BARS + this.axis.at(phase.from());
			double to = BARS + this.axis.at(phase.to());
			add("<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>", phase.kind().style(), from,
					top + 4, Math.max(0, to - from), BAR);
		}
		double end = BARS + this.axis.at(replica.end());
		if (replica.isReady()) {
			drawReadyMark(end, top + 4 + BAR / 2);
		}
		text(replica.isReady() ? "words" : "words failed", end + 14, baseline, words(replica));
	}

	private static String words(ReplicaTimeline replica) {
		return replica.isReady() ? "%s: %s".formatted(Seconds.of(replica.end()), replica.summary()) : replica.summary();
	}

	private void drawReadyMark(double x, int middle) {
		add("<circle class=\"ready\" cx=\"%.1f\" cy=\"%d\" r=\"6\"/>", x, middle);
	}

	private void drawLegend() {
		int column = 0;
		for (Phase.Kind kind : Phase.Kind.values()) {
			int x = legendX(column);
			add("<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"16\" height=\"%d\"/>", kind.style(), x, this.y, BAR);
			legendText(x, kind.text());
			column = nextColumn(column);
		}
		drawReadyMark(legendX(column) + 8, this.y + BAR / 2);
		legendText(legendX(column), "ready: startup probe UP, or Job ended");
		this.y += BAR + MARGIN;
	}

	private static int legendX(int column) {
		return MARGIN + column * (WIDTH - MARGIN) / 3;
	}

	private void legendText(int x, String text) {
		text("words", x + 24, this.y + 11, text);
	}

	private int nextColumn(int column) {
		if (column == 2) {
			this.y += ROW;
			return 0;
		}
		return column + 1;
	}

	private void text(String style, double x, int baseline, String text) {
		add("<text class=\"%s\" x=\"%.1f\" y=\"%d\">%s</text>", style, x, baseline, escape(text));
	}

	private void add(String element, Object... values) {
		this.body.append(String.format(Locale.ROOT, element, values)).append('\n');
	}

	private static String escape(String text) {
		return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
	}

}
