package io.github.headlock.campaign;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the log of a replica, which may still be growing.
 */
final class ReplicaLog {

	private static final Pattern LINE = Pattern.compile("(\\d{4}-\\d\\d-\\d\\dT\\S+) (.*)");

	/** Lines of a stack trace, and empty ones, tell no more than the line before. */
	private static final Pattern DULL = Pattern
		.compile("\\s*|\\s+at .*|\\s*\\.\\.\\. \\d+ .*|.*No active profile.*|\\*+|"
				+ ".*(ConditionEvaluationReportLogger|LoggingFailureAnalysisReporter): |Error starting Appl.*");

	private final Path file;

	ReplicaLog(Path file) {
		this.file = file;
	}

	boolean contains(String text) {
		return read().contains(text);
	}

	boolean contains(Pattern pattern) {
		return pattern.matcher(read()).find();
	}

	/** The lines that begin with this. */
	List<String> lines(String begin) {
		return read().lines().filter((line) -> line.startsWith(begin)).toList();
	}

	/**
	 * The lines that tell something, those without a time with that of the line before.
	 */
	List<Timeline.Entry> entries(String who) {
		List<Timeline.Entry> entries = new ArrayList<>();
		Instant time = null;
		for (String line : read().lines().toList()) {
			Matcher matcher = LINE.matcher(line);
			boolean timed = matcher.matches();
			time = timed ? OffsetDateTime.parse(matcher.group(1)).toInstant() : time;
			if (time != null && !DULL.matcher(line).matches()) {
				entries.add(new Timeline.Entry(time, who, timed ? matcher.group(2) : line));
			}
		}
		return entries;
	}

	private String read() {
		try {
			// not Files.readString: the last character may be half written
			return new String(Files.readAllBytes(this.file), StandardCharsets.UTF_8);
		}
		catch (IOException ex) {
			throw new UncheckedIOException(ex);
		}
	}

}
