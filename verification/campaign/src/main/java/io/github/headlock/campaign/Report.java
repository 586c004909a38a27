package io.github.headlock.campaign;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.stream.Stream;

/**
 * Sums the results of a run up, as tables in Markdown.
 */
final class Report {

	private static final int ENOUGH_ROUNDS = 20;

	private final List<Column> columns = new ArrayList<>();

	/** Adds one way to migrate, and returns where its results go. */
	List<RoundResult> column(String title) {
		List<RoundResult> results = new ArrayList<>();
		this.columns.add(new Column(title, results));
		return results;
	}

	/** Whether so few faults struck in so many rounds that they prove nothing. */
	static boolean missesTooMuch(List<RoundResult> results) {
		return results.size() >= ENOUGH_ROUNDS
				&& sum(results, RoundResult::missedFaults) > sum(results, RoundResult::struckFaults);
	}

	/** Whether all rounds were brought to their end. */
	boolean isFinished() {
		return this.columns.stream().flatMap((column) -> column.results().stream()).allMatch(RoundResult::isFinished);
	}

	String markdown() {
		StringBuilder text = new StringBuilder();
		head(text, "");
		row(text, "rounds", (results) -> results.size());
		row(text, "faults that struck", (results) -> sum(results, RoundResult::struckFaults));
		row(text, "faults that missed", (results) -> sum(results, RoundResult::missedFaults));
		for (MissReason miss : MissReason.values()) {
			row(text, "... because " + miss, (results) -> sum(results, (one) -> one.missed().getOrDefault(miss, 0)));
		}
		row(text, "processes started", (results) -> sum(results, RoundResult::starts));
		row(text, "**rounds with a violation**",
				(results) -> results.stream().filter((one) -> !one.violations().isEmpty()).count());
		row(text, "**rounds that were not brought to their end**",
				(results) -> results.stream().filter((one) -> !one.isFinished()).count());
		head(text.append('\n'), "faults that struck, by kind");
		Set<ReportedFault> kinds = new LinkedHashSet<>(all((plan) -> plan.kinds().stream()));
		for (ReportedFault kind : kinds) {
			row(text, kind.text(), (results) -> sum(results, (one) -> struck(one, kind)));
		}
		head(text.append('\n'), "rounds, by situation");
		for (String trait : new TreeSet<>(all((plan) -> plan.traits().stream()))) {
			row(text, trait,
					(results) -> results.stream().filter((one) -> one.plan().traits().contains(trait)).count());
		}
		head(text.append('\n'), "rounds that violated it, by invariant");
		for (Invariant invariant : new LinkedHashSet<>(all((plan) -> plan.invariants().stream()))) {
			row(text, invariant.toString(),
					(results) -> results.stream()
						.filter((one) -> one.violations().stream().anyMatch((found) -> found.invariant() == invariant))
						.count());
		}
		if (kinds.contains(FaultKind.FAILOVER)) {
			failovers(text);
		}
		for (Column column : this.columns) {
			seconds(text.append('\n'), column);
		}
		return text.toString();
	}

	private <T> List<T> all(Function<RoundSummary, Stream<? extends T>> what) {
		return this.columns.stream()
			.flatMap((column) -> column.results().stream())
			.<T>flatMap((one) -> what.apply(one.plan()))
			.toList();
	}

	private static int struck(RoundResult result, ReportedFault kind) {
		return Objects.requireNonNullElse(result.struck().get(kind), 0);
	}

	private void failovers(StringBuilder text) {
		head(text.append('\n'), "failovers, by step");
		for (Step step : Step.values()) {
			row(text, step.title(), (results) -> count(results, step, false));
		}
		head(text.append('\n'), "failovers after replication was held back, by step");
		for (Step step : Step.values()) {
			row(text, step.title(), (results) -> count(results, step, true));
		}
		head(text.append('\n'), "what was lost");
		row(text, "rounds that lost migrations", (results) -> count(results, (one) -> one.lostMigrations() > 0));
		row(text, "migrations that were lost",
				(results) -> outcomes(results).mapToLong(FailoverOutcome::lostMigrations).sum());
		row(text, "rounds that lost the restore of roles", (results) -> count(results, FailoverOutcome::lostRestore));
		row(text, "replicas that were ready before, and are excused",
				(results) -> outcomes(results).mapToLong(FailoverOutcome::excused).sum());
	}

	private static long count(List<RoundResult> results, Step step, boolean heldBack) {
		return count(results, (one) -> one.step() == step && (one.heldBack() || !heldBack));
	}

	private static long count(List<RoundResult> results, Predicate<FailoverOutcome> which) {
		return outcomes(results).filter(which).count();
	}

	private static Stream<FailoverOutcome> outcomes(List<RoundResult> results) {
		return results.stream().flatMap((one) -> Stream.ofNullable(one.failover()));
	}

	private static void seconds(StringBuilder text, Column column) {
		Duration total = column.results().stream().map(RoundResult::took).reduce(Duration.ZERO, Duration::plus);
		text.append(String.format(Locale.ROOT, "%s: %.1f s per round.%n", column.title(),
				total.toMillis() / 1000.0 / Math.max(1, column.results().size())));
	}

	private static long sum(List<RoundResult> results, ToLongFunction<RoundResult> number) {
		return results.stream().mapToLong(number).sum();
	}

	private void head(StringBuilder text, String first) {
		text.append("| ").append(first);
		this.columns.forEach((column) -> text.append(" | ").append(column.title()));
		text.append(" |\n| ---");
		this.columns.forEach((column) -> text.append(" | ---:"));
		text.append(" |\n");
	}

	private void row(StringBuilder text, String first, ToLongFunction<List<RoundResult>> number) {
		text.append("| ").append(first);
		this.columns.forEach((column) -> text.append(" | ").append(number.applyAsLong(column.results())));
		text.append(" |\n");
	}

	/**
	 * The results of one way to migrate.
	 *
	 * @param title its name
	 * @param results a result per round
	 */
	private record Column(String title, List<RoundResult> results) {
	}

}
