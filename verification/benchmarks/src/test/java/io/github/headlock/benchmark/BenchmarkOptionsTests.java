package io.github.headlock.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

class BenchmarkOptionsTests {

	@Test
	void withoutArgumentsAllIsMeasured() {
		BenchmarkOptions options = BenchmarkOptions.parse();
		assertThat(options.sizes()).containsExactly(10, 100, 1000, 5000);
		assertThat(options.applied()).containsExactly(100, 1000);
		assertThat(options.delays()).containsExactly(0, 1);
	}

	@Test
	void argumentsCountWhereverShortStands() {
		BenchmarkOptions options = BenchmarkOptions.parse("--rounds", "5", "--sizes", "3,4", "--short", "--parts",
				"apply", "--delays", "7", "--page");
		assertThat(options).isEqualTo(new BenchmarkOptions(List.of("apply"), List.of(3, 4), List.of(3, 4), List.of(7),
				BenchmarkOptions.parse("--short").replicas(), List.of(100_000), 5, 5, true));
	}

	@Test
	void theCommandsOfThePageAreUnderstood() throws IOException {
		List<String> commands = Files.readAllLines(Path.of("../../docs/performance.md"))
			.stream()
			.filter((line) -> line.startsWith("bin/benchmark"))
			.toList();
		assertThat(commands).hasSizeGreaterThan(1).allSatisfy((command) -> {
			String[] arguments = command.replaceFirst(" *#.*", "").split(" ", -1);
			BenchmarkOptions.parse(Arrays.copyOfRange(arguments, 1, arguments.length));
		});
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', textBlock = """
			--wrong         | unknown argument: --wrong
			--rounds 0      | --rounds must be from 1 to 1000, not '0'
			--rounds        | --rounds must be from 1 to 1000, not ''
			--sizes 1,x     | --sizes must be from 1 to 10000, not 'x'
			--rows 10       | --rows must be from 1000 to 9999999, not '10'
			--delays -1     | --delays must be from 0 to 1000, not '-1'
			--parts a,head  | --parts must be of head,listing,apply,rollout,waiters,background, not 'a,head'
			""")
	void wrongArgumentIsNamed(String arguments, String message) {
		assertThatIllegalArgumentException().isThrownBy(() -> BenchmarkOptions.parse(arguments.split(" ")))
			.withMessage(message);
	}

}
