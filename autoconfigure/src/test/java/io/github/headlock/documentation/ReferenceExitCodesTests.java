package io.github.headlock.documentation;

import java.lang.reflect.Executable;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import io.github.headlock.HeadlockException;
import io.github.headlock.test.WaysToFail;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The table of exit codes names each exception with its own.
 */
class ReferenceExitCodesTests {

	private static final String SECTION = "Exit codes";

	private final GeneratedPage page = new GeneratedPage("reference.md");

	@Test
	void theTableNamesEachExceptionWithItsExitCode() {
		Map<String, String> meanings = this.page.texts(SECTION);
		Map<Integer, List<String>> exceptions = WaysToFail.types()
			.collect(Collectors.groupingBy(ReferenceExitCodesTests::exitCode,
					Collectors.mapping(Class::getSimpleName, Collectors.toList())));
		this.page.table(SECTION, List.of("code", "exception", "meaning"), exceptions.keySet()
			.stream()
			// the one of any other failure is the last
			.sorted(Comparator.comparing((code) -> (code != 1) ? code : Integer.MAX_VALUE))
			.map((code) -> List.of(code.toString(),
					exceptions.get(code).stream().sorted().map("`%s`"::formatted).collect(Collectors.joining(", ")),
					meanings.getOrDefault(code.toString(), "")))
			.toList());
	}

	private static int exitCode(Class<?> type) {
		List<Integer> codes = Arrays.stream(type.getDeclaredConstructors())
			.map(ReferenceExitCodesTests::fail)
			.map(HeadlockException::getExitCode)
			.distinct()
			.toList();
		assertThat(codes).as("exit codes of %s", type).hasSize(1);
		return codes.get(0);
	}

	private static HeadlockException fail(Executable way) {
		try {
			return (HeadlockException) WaysToFail.call(way);
		}
		catch (Exception ex) {
			throw new IllegalStateException(way + " failed", ex);
		}
	}

}
