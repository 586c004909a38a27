package io.github.headlock.campaign;

import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.github.headlock.testbed.ProcessLog;

/**
 * What the log of a replica says.
 */
final class ReplicaLog {

	private static final Pattern LINE = Pattern.compile("(\\d{4}-\\d\\d-\\d\\dT\\S+) (.*)");

	/** Lines of a stack trace, and empty ones, tell no more than the line before. */
	private static final Pattern DULL = Pattern
		.compile("\\s*|\\s+at .*|\\s*\\.\\.\\. \\d+ .*|.*No active profile.*|\\*+|"
				+ ".*(ConditionEvaluationReportLogger|LoggingFailureAnalysisReporter): |Error starting Appl.*");

	private final ProcessLog log;

	ReplicaLog(ProcessLog log) {
		this.log = log;
	}

	boolean contains(String text) {
		return this.log.contains(text);
	}

	boolean contains(Pattern pattern) {
		return pattern.matcher(this.log.text()).find();
	}

	/** The lines that begin with this. */
	List<String> lines(String begin) {
		return this.log.lines().stream().filter((line) -> line.startsWith(begin)).toList();
	}

	/**
	 * The lines that tell something, those without a time with that of the line before.
	 */
	List<Timeline.Entry> entries(String who) {
		List<Timeline.Entry> entries = new ArrayList<>();
		Instant time = null;
		for (String line : this.log.lines()) {
			Matcher matcher = LINE.matcher(line);
			boolean timed = matcher.matches();
			time = timed ? OffsetDateTime.parse(matcher.group(1)).toInstant() : time;
			if (time != null && !DULL.matcher(line).matches()) {
				entries.add(new Timeline.Entry(time, who, timed ? matcher.group(2) : line));
			}
		}
		return entries;
	}

}
