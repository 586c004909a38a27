package io.github.headlock.sample.demo;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Draws rollouts as a self-contained picture, one below the other on the same time axis,
 * for light and dark surroundings.
 */
final class SvgTimeline {

	private static final int WIDTH = 960;

	private static final int MARGIN = 24;

	/** Where the bars begin; the names stand before. */
	private static final int BARS = 110;

	/** Room for the bars; the words stand after. */
	private static final int BARS_WIDTH = 520;

	private static final int ROW = 26;

	/** Height of a curve from 0 to 100 percent. */
	private static final int CURVE = 56;

	private static final int LEGEND_COLUMNS = 3;

	private final String headline;

	private final List<RolloutTimeline> rollouts;

	private final TimeAxis axis;

	private final SvgCanvas canvas = new SvgCanvas();

	private int y = MARGIN;

	private SvgTimeline(String headline, List<RolloutTimeline> rollouts) {
		this.headline = headline;
		this.rollouts = rollouts;
		this.axis = new TimeAxis(BARS_WIDTH,
				rollouts.stream()
					.map(RolloutTimeline::shownUntil)
					.max(Comparator.naturalOrder())
					.orElse(Duration.ZERO));
	}

	/**
	 * Draws.
	 * @param headline what all rollouts have in common
	 * @param rollouts the rollouts
	 * @return an SVG document, whose title and description tell the same in words
	 */
	static String draw(String headline, List<RolloutTimeline> rollouts) {
		SvgTimeline timeline = new SvgTimeline(headline, rollouts);
		timeline.canvas.text("headline", MARGIN, timeline.y + 10, headline);
		timeline.y += 32;
		rollouts.forEach(timeline::draw);
		timeline.drawLegend();
		return timeline.document();
	}

	private String document() {
		String title = this.headline + ". "
				+ this.rollouts.stream()
					.map((rollout) -> "%s: %s.".formatted(rollout.title(), rollout.share()))
					.collect(Collectors.joining(" "));
		String description = this.rollouts.stream()
			.map((rollout) -> "%s. %s.".formatted(rollout.title(), told(rollout).collect(Collectors.joining("; "))))
			.collect(Collectors.joining(" "));
		return """
				<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %1$d %2$d" width="%1$d" height="%2$d" role="img" \
				aria-labelledby="title" aria-describedby="description">
				<title id="title">%3$s</title>
				<desc id="description">%4$s</desc>
				<style>
				%5$s</style>
				<rect class="paper" x="0.5" y="0.5" width="%6$d" height="%7$d" rx="8"/>
				%8$s</svg>
				""".formatted(WIDTH, this.y, SvgCanvas.escape(title), SvgCanvas.escape(description), SvgStyle.SHEET,
				WIDTH - 1, this.y - 1, this.canvas);
	}

	private static Stream<String> told(RolloutTimeline rollout) {
		return Stream.concat(
				rollout.background().map((background) -> background.name() + ": " + background.summary()).stream(),
				rollout.replicas().stream().map((replica) -> replica.name() + ": " + words(replica)));
	}

	private void draw(RolloutTimeline rollout) {
		this.canvas.text("title", MARGIN, this.y + 16, rollout.title());
		this.canvas.text("result " + (rollout.isReady() ? "good" : "bad"), WIDTH - MARGIN, this.y + 16,
				rollout.result());
		int top = this.y + 28;
		int replicas = top + 4 + (rollout.background().isPresent() ? CURVE + ROW / 2 : 0);
		int bottom = replicas + rollout.replicas().size() * ROW;
		drawAxis(top, bottom);
		rollout.background().ifPresent((background) -> draw(background, top + 8));
		for (int i = 0; i < rollout.replicas().size(); i++) {
			draw(rollout.replicas().get(i), replicas + i * ROW);
		}
		this.y = bottom + 24;
		for (String note : rollout.notes()) {
			this.y += 18;
			this.canvas.text("note", BARS, this.y, note, WIDTH - MARGIN - BARS);
		}
		this.y += 22;
	}

	private void drawAxis(int top, int bottom) {
		for (int second : this.axis.ticks()) {
			double x = BARS + this.axis.at(Duration.ofSeconds(second));
			this.canvas.verticalLine("grid", x, top, bottom);
			this.canvas.text("tick", x, bottom + 16, second + " s");
		}
	}

	private void draw(BackgroundProgress background, int top) {
		int bottom = top + CURVE;
		this.canvas.text("name", MARGIN, bottom - 4, background.name());
		this.canvas.text("percent", BARS - 8, top + 4, "100 %");
		this.canvas.horizontalLine("grid", BARS, BARS + BARS_WIDTH, top);
		this.canvas.steps(background.samples()
			.stream()
			.map((sample) -> new SvgCanvas.Point(BARS + this.axis.at(sample.at()),
					bottom - CURVE * sample.percent() / 100.0))
			.toList(), bottom);
		double end = BARS + this.axis.at(background.to()) + 14;
		this.canvas.text("words", end, bottom - 4, background.summary(), WIDTH - MARGIN - end);
	}

	private void draw(ReplicaTimeline replica, int top) {
		int baseline = top + SvgCanvas.BAR / 2 + 9;
		this.canvas.text("name", MARGIN, baseline, replica.name());
		for (Phase phase : replica.phases()) {
			this.canvas.bar(phase.kind(), BARS + this.axis.at(phase.from()), BARS + this.axis.at(phase.to()), top + 4);
		}
		double end = BARS + this.axis.at(replica.end());
		this.canvas.mark(replica.ending(), end, top + 4 + SvgCanvas.BAR / 2);
		double words = BARS + this.axis.at(replica.shownUntil()) + 14;
		this.canvas.text(replica.isBad() ? "words bad" : "words", words, baseline, words(replica),
				WIDTH - MARGIN - words);
	}

	private static String words(ReplicaTimeline replica) {
		return replica.isReady() ? "%s: %s".formatted(Seconds.of(replica.end()), replica.summary()) : replica.summary();
	}

	/** Explains what is in the picture, and nothing else. */
	private void drawLegend() {
		int entry = 0;
		if (this.rollouts.stream().anyMatch((rollout) -> rollout.background().isPresent())) {
			int x = legendEntry(entry++, "rows filled by a background migration");
			this.canvas.steps(List.of(new SvgCanvas.Point(x, this.y), new SvgCanvas.Point(x + 16, this.y)),
					this.y + SvgCanvas.BAR);
		}
		for (Phase.Kind kind : Phase.Kind.values()) {
			if (replicas().anyMatch((replica) -> replica.phase(kind).isPresent())) {
				int x = legendEntry(entry++, kind.text());
				this.canvas.bar(kind, x, x + 16, this.y);
			}
		}
		for (ReplicaTimeline.Ending ending : ReplicaTimeline.Ending.values()) {
			if (replicas().anyMatch((replica) -> replica.ending() == ending)) {
				int x = legendEntry(entry++, ending.text());
				this.canvas.mark(ending, x + 8, this.y + SvgCanvas.BAR / 2);
			}
		}
		this.y += SvgCanvas.BAR + MARGIN;
	}

	private int legendEntry(int entry, String text) {
		int column = entry % LEGEND_COLUMNS;
		if (entry > 0 && column == 0) {
			this.y += ROW;
		}
		int x = MARGIN + column * (WIDTH - MARGIN) / LEGEND_COLUMNS;
		this.canvas.text("words", x + 24, this.y + 11, text);
		return x;
	}

	private Stream<ReplicaTimeline> replicas() {
		return this.rollouts.stream().flatMap((rollout) -> rollout.replicas().stream());
	}

}
