package io.github.headlock.sample.demo;

import java.time.Duration;
import java.util.Comparator;
import java.util.List;

/**
 * Draws rollouts as text, all on the same scale.
 */
final class TextTimeline {

	private static final int WIDTH = 56;

	private final TimeAxis axis;

	private final StringBuilder text = new StringBuilder();

	private TextTimeline(Duration end) {
		this.axis = new TimeAxis(WIDTH, end);
	}

	static String draw(List<RolloutTimeline> rollouts) {
		TextTimeline timeline = new TextTimeline(rollouts.stream()
			.map(RolloutTimeline::shownUntil)
			.max(Comparator.naturalOrder())
			.orElse(Duration.ZERO));
		rollouts.forEach(timeline::draw);
		timeline.drawLegend();
		return timeline.text.toString();
	}

	private void draw(RolloutTimeline rollout) {
		this.text.append('\n').append(rollout.title()).append("\n\n");
		appendRow("", "started", scale(), "ready", "");
		rollout.background().ifPresent(this::draw);
		for (ReplicaTimeline replica : rollout.replicas()) {
			boolean known = !replica.phases().isEmpty();
			appendRow(replica.name(), known ? Seconds.of(replica.started()) : "", known ? bar(replica) : "",
					replica.isReady() ? Seconds.of(replica.end()) : "never", replica.summary());
		}
		this.text.append("\n  ").append(rollout.result()).append('\n');
		rollout.notes().forEach((note) -> this.text.append("  ").append(note).append('\n'));
	}

	/** Each character tells the tenths of the rows that were done by then. */
	private void draw(BackgroundProgress background) {
		StringBuilder bar = new StringBuilder(" ".repeat(column(background.from())));
		for (int column = bar.length(); column < column(background.to()); column++) {
			int percent = background.percent(this.axis.timeAt(column + 1));
			bar.append((percent < 100) ? (char) ('0' + percent / 10) : '*');
		}
		appendRow(background.name(), Seconds.of(background.from()), bar.toString(), "", background.summary());
	}

	private void appendRow(String name, String started, String bar, String ready, String summary) {
		String row = "  %-11s%7s  %-" + (WIDTH + 4) + "s%7s  %s";
		this.text.append(row.formatted(name, started, bar, ready, summary).stripTrailing()).append('\n');
	}

	private String scale() {
		StringBuilder scale = new StringBuilder();
		for (int second : this.axis.ticks()) {
			int place = column(Duration.ofSeconds(second));
			scale.append(" ".repeat(Math.max(0, place - scale.length()))).append(second).append(" s");
		}
		return scale.toString();
	}

	private String bar(ReplicaTimeline replica) {
		StringBuilder bar = new StringBuilder(" ".repeat(column(replica.started())));
		for (Phase phase : replica.phases()) {
			int length = column(phase.to()) - bar.length();
			if (phase.kind() == Phase.Kind.SERVING) {
				bar.append(replica.ending().symbol());
				length--;
			}
			bar.append(String.valueOf(phase.kind().symbol()).repeat(Math.max(0, length)));
		}
		return (replica.phase(Phase.Kind.SERVING).isPresent() ? bar : bar.append(replica.ending().symbol())).toString();
	}

	private int column(Duration time) {
		return (int) Math.round(this.axis.at(time));
	}

	private void drawLegend() {
		this.text.append("\n");
		this.text.append("  0-9 tenths of the rows that a background migration has filled, * all of them\n");
		for (Phase.Kind kind : Phase.Kind.values()) {
			this.text.append("  ").append(kind.symbol()).append(' ').append(kind.text()).append('\n');
		}
		for (ReplicaTimeline.Ending ending : ReplicaTimeline.Ending.values()) {
			this.text.append("  ").append(ending.symbol()).append(' ').append(ending.text()).append('\n');
		}
	}

}
