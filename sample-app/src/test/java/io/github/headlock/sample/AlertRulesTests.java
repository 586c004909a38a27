package io.github.headlock.sample;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.github.headlock.sample.Promtool.Verdict;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The alert rules of the documentation, on series of samples and in Prometheus's own
 * interpreter: each alert fires when it should, and does not when it should not.
 */
class AlertRulesTests {

	private static final Path RULES = Path.of("..", "docs", "prometheus-alerts.yaml");

	private static final Path RULE_TESTS = Path.of("src", "test", "resources", "prometheus-alerts-tests.yaml");

	private static final Pattern CONDITION = Pattern.compile("(?:==|[<>]=?) \\d+");

	private static final Pattern PERIOD = Pattern.compile("(?m)(?<=\\[|^ {8}for: )\\d+m");

	@TempDir
	private Path folder;

	@Test
	void prometheusAcceptsTheRules() throws Exception {
		Verdict verdict = Promtool.run("check", "rules", RULES.toString());
		assertThat(verdict.passed()).as(verdict.output()).isTrue();
		assertThat(verdict.output()).contains("SUCCESS: 7 rules found");
	}

	@Test
	void everyAlertFiresWhenItShouldAndNotOtherwise() throws Exception {
		Verdict verdict = Promtool.run("test", "rules", RULE_TESTS.toString());
		assertThat(verdict.passed()).as(verdict.output()).isTrue();
	}

	@ParameterizedTest
	@MethodSource("changedRules")
	void theTestsNoticeAChangedRule(ChangedRule changed) throws Exception {
		Path rules = Files.writeString(this.folder.resolve("rules.yaml"), changed.rules());
		Path tests = Files.writeString(this.folder.resolve("tests.yaml"),
				Files.readString(RULE_TESTS).replaceFirst("(?m)^  - .*prometheus-alerts.yaml$", "  - rules.yaml"));
		assertThat(Promtool.run("check", "rules", rules.toString()).passed()).isTrue();
		Verdict verdict = Promtool.run("test", "rules", tests.toString());
		assertThat(verdict.passed()).isFalse();
		assertThat(verdict.output()).contains("alertname: " + changed.alert(), "exp:", "got:");
	}

	/**
	 * Each condition once always true and once never, each period once short and once
	 * long.
	 */
	static Stream<ChangedRule> changedRules() throws IOException {
		String rules = Files.readString(RULES);
		List<ChangedRule> changed = new ArrayList<>();
		CONDITION.matcher(rules).results().forEach((condition) -> {
			changed.add(new ChangedRule(rules, condition, ">= 0"));
			changed.add(new ChangedRule(rules, condition, "< 0"));
		});
		PERIOD.matcher(rules).results().forEach((period) -> {
			changed.add(new ChangedRule(rules, period, "2m"));
			changed.add(new ChangedRule(rules, period, "60m"));
		});
		assertThat(changed).hasSize(2 * (11 + 5));
		return changed.stream();
	}

	/**
	 * The rules with one of their conditions or periods changed.
	 *
	 * @param alert the name of the alert
	 * @param change what was changed
	 * @param rules all the rules
	 */
	record ChangedRule(String alert, String change, String rules) {

		private ChangedRule(String rules, MatchResult place, String replacement) {
			this(alertBefore(rules, place.start()), place.group() + " becomes " + replacement,
					rules.substring(0, place.start()) + replacement + rules.substring(place.end()));
		}

		private static String alertBefore(String rules, int position) {
			Matcher alert = Pattern.compile("- alert: (\\w+)").matcher(rules.substring(0, position));
			String name = "";
			while (alert.find()) {
				name = alert.group(1);
			}
			return name;
		}

		@Override
		public String toString() {
			return this.alert + ": " + this.change;
		}

	}

}
