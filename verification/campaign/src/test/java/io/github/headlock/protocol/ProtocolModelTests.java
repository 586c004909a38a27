package io.github.headlock.protocol;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The model of the protocol: it holds, can fail, and speaks of the code as it is.
 */
class ProtocolModelTests {

	private static final Path PROJECT = Path.of("../..");

	private static final Path FOLDER = PROJECT.resolve("docs/protocol");

	private static final Path CODE = PROJECT.resolve("autoconfigure/src/main/java");

	private static final Pattern LABEL = Pattern.compile("(?m)^\\s*(?:end_)?([A-Z]\\w*?)_([a-z]\\w*?)(?:_own)?:");

	private static final Pattern ROW = Pattern.compile("(?m)^\\| `([A-Z]\\w+\\.\\w+)` \\|");

	private static final Pattern SWITCH = Pattern.compile("#ifn?def (NO_\\w+|\\w+_EARLY)");

	private static final Pattern BOUNDS = Pattern.compile("(?m)^((?:\\d ){5}\\d)(?: short)?$");

	private static final Pattern BOUNDS_ROW = Pattern.compile("(?m)^\\| ((?:\\d \\| ){5}\\d) \\| \\d+ \\|$");

	static List<String> steps() throws IOException {
		return distinct(LABEL, "migration.pml", (label) -> label.group(1) + "." + label.group(2));
	}

	static List<String> switches() throws IOException {
		return distinct(SWITCH, "migration.pml", (line) -> line.group(1));
	}

	@ParameterizedTest
	@MethodSource("steps")
	void eachStepIsAMethodOfTheCode(String step) throws Exception {
		String className = step.substring(0, step.indexOf('.'));
		assertThat(classNamed(className).getDeclaredMethods()).extracting(Method::getName)
			.contains(step.substring(className.length() + 1));
	}

	@Test
	void thePageExplainsEachStep() throws IOException {
		assertThat(distinct(ROW, "README.md", (row) -> row.group(1))).isEqualTo(steps());
	}

	@Test
	void thePageHasTheBoundsThatAreChecked() throws IOException {
		List<String> checked = BOUNDS.matcher(Files.readString(PROJECT.resolve("bin/model")))
			.results()
			.map((line) -> line.group(1).replace(" ", " | "))
			.toList();
		assertThat(checked).isNotEmpty();
		assertThat(
				BOUNDS_ROW.matcher(Files.readString(FOLDER.resolve("README.md"))).results().map((row) -> row.group(1)))
			.containsExactlyElementsOf(checked);
	}

	@Test
	void noRunGoesWrongAndWithoutAPartOneDoes() throws Exception {
		assertThat(run("--short").lines()).allMatch((line) -> line.startsWith("ok "))
			.hasSizeGreaterThan(switches().size())
			.containsAll(switches().stream().map((name) -> "ok         " + name + " is found out").toList());
	}

	@ParameterizedTest
	@MethodSource("switches")
	void thePageTellsHowItGoesWrong(String without) throws Exception {
		String trace = run("--trace", without);
		assertThat(trace).isNotBlank();
		assertThat(Files.readString(FOLDER.resolve("README.md"))).contains("`" + without + "`", trace);
	}

	private static Class<?> classNamed(String simpleName) throws Exception {
		try (Stream<Path> files = Files.walk(CODE)) {
			Path file = files.filter((one) -> one.endsWith(simpleName + ".java")).findFirst().orElseThrow();
			String path = CODE.relativize(file).toString();
			return Class.forName(path.substring(0, path.length() - ".java".length()).replace('/', '.'), false,
					ProtocolModelTests.class.getClassLoader());
		}
	}

	private static List<String> distinct(Pattern pattern, String file, Function<MatchResult, String> name)
			throws IOException {
		return List.copyOf(
				new TreeSet<>(pattern.matcher(Files.readString(FOLDER.resolve(file))).results().map(name).toList()));
	}

	private static String run(String... arguments) throws Exception {
		List<String> command = Stream.concat(Stream.of("bin/model"), Arrays.stream(arguments)).toList();
		Path log = Files.createTempFile("model", ".log");
		Process process = new ProcessBuilder(command).directory(PROJECT.toFile())
			.redirectErrorStream(true)
			.redirectOutput(log.toFile())
			.start();
		boolean ended = process.waitFor(5, TimeUnit.MINUTES);
		process.destroy();
		String output = Files.readString(log);
		Files.delete(log);
		assertThat(ended).as(output).isTrue();
		assertThat(process.exitValue()).as(output).isZero();
		return output;
	}

}
