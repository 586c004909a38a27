package io.github.headlock.actuate;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

import io.github.headlock.background.BackgroundAction;
import io.github.headlock.background.BackgroundActionException;
import io.github.headlock.background.BackgroundResult;
import io.github.headlock.background.BackgroundTrial;
import io.github.headlock.startup.HeadlockMigrationStrategy;
import io.github.headlock.startup.ManagedSchema;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/**
 * Lets operators decide about background migrations. Nobody has access by default.
 */
@Endpoint(id = "headlockbackground", defaultAccess = Access.NONE)
public class HeadlockBackgroundEndpoint {

	private final HeadlockMigrationStrategy strategy;

	private final BoundedSchemaProbe probe;

	/**
	 * Creates the endpoint.
	 * @param strategy knows the schema
	 * @param probe looks at it
	 */
	public HeadlockBackgroundEndpoint(HeadlockMigrationStrategy strategy, BoundedSchemaProbe probe) {
		this.strategy = strategy;
		this.probe = probe;
	}

	/**
	 * Looks now, as the endpoint {@code headlock} does.
	 * @return what was found, {@code null} (not found) if Headlock manages no schema
	 * @throws InterruptedException if this thread is interrupted
	 */
	@ReadOperation
	public @Nullable Description describe() throws InterruptedException {
		Optional<ManagedSchema> managed = this.strategy.managed();
		if (managed.isEmpty()) {
			return null;
		}
		SchemaSnapshot found = this.probe.inspect(managed.get());
		return new Description(HeadlockEndpoint.Background.of(found.background()), found.problem());
	}

	/**
	 * Does what an operator has decided.
	 * @param name name of the background migration
	 * @param action what to do: pause, resume, retry, finalize or try
	 * @return what it has led to
	 * @throws InvalidEndpointRequestException if there is no such action
	 * @throws BackgroundActionException if it was not done
	 * @throws IllegalStateException if Headlock manages no schema
	 */
	@WriteOperation
	public Result act(@Selector String name, String action) {
		return act(name, action, null);
	}

	/**
	 * Does what an operator has decided.
	 * @param name name of the background migration
	 * @param action what to do, {@code null} if nothing was said
	 * @param who the operator, {@code null} if unknown
	 */
	Result act(String name, @Nullable String action, @Nullable String who) {
		BackgroundAction known = BackgroundAction.of(String.valueOf(action)).orElseThrow(() -> {
			String actions = "The action must be one of " + String.join(", ", BackgroundAction.names());
			return new InvalidEndpointRequestException(actions, actions);
		});
		ManagedSchema schema = this.strategy.managed().orElseThrow(NothingManagedException::new);
		return Result.of(schema.backgroundOperations().run(known, name, who));
	}

	/**
	 * The background migrations.
	 *
	 * @param background those that this release declares, in the order in which they are
	 * worked on, then others that the database knows
	 * @param problem what could not be read, and why, {@code null} if everything was read
	 */
	public record Description(List<HeadlockEndpoint.Background> background, @Nullable String problem) {
	}

	/**
	 * What an action has led to.
	 *
	 * @param migration the background migration afterwards
	 * @param trial what a batch did that was tried, {@code null} for another action
	 */
	public record Result(HeadlockEndpoint.Background migration, @Nullable Trial trial) {

		static Result of(BackgroundResult result) {
			return new Result(HeadlockEndpoint.Background.of(result.migration()), Trial.of(result.trial()));
		}

	}

	/**
	 * What a batch did that was tried.
	 *
	 * @param rows rows that it has gone along
	 * @param changed rows that it would change, {@code null} if it has failed
	 * @param took what it took
	 * @param problem why it has failed, or would, {@code null} if nothing is against it
	 * @param note that nothing was changed, or that something was
	 */
	public record Trial(long rows, @Nullable Long changed, Duration took, @Nullable String problem, String note) {

		static @Nullable Trial of(@Nullable BackgroundTrial trial) {
			return (trial != null)
					? new Trial(trial.rows(), trial.changed(), trial.took(), trial.problem(), trial.note()) : null;
		}

	}

	/**
	 * Headlock manages no schema in this process, so that there is nothing to find.
	 */
	static final class NothingManagedException extends IllegalStateException {

		private static final long serialVersionUID = 1L;

		NothingManagedException() {
			super("Headlock manages no schema in this process");
		}

	}

}
