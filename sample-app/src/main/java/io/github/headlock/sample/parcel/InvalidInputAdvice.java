package io.github.headlock.sample.parcel;

import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.jspecify.annotations.Nullable;

import org.springframework.context.MessageSourceResolvable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseEntity;
import org.springframework.validation.FieldError;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.WebRequest;
import org.springframework.web.method.annotation.HandlerMethodValidationException;
import org.springframework.web.servlet.mvc.method.annotation.ResponseEntityExceptionHandler;

/**
 * Answers invalid input with a problem detail that says which field is wrong, and how.
 */
@RestControllerAdvice
class InvalidInputAdvice extends ResponseEntityExceptionHandler {

	@Override
	protected @Nullable ResponseEntity<Object> handleMethodArgumentNotValid(MethodArgumentNotValidException exception,
			HttpHeaders headers, HttpStatusCode status, WebRequest request) {
		exception.getBody().setDetail(sentence(exception.getBindingResult().getFieldErrors().stream().map(this::text)));
		return handleExceptionInternal(exception, null, headers, status, request);
	}

	@Override
	protected @Nullable ResponseEntity<Object> handleHandlerMethodValidationException(
			HandlerMethodValidationException exception, HttpHeaders headers, HttpStatusCode status,
			WebRequest request) {
		exception.getBody()
			.setDetail(sentence(exception.getParameterValidationResults()
				.stream()
				.flatMap((result) -> result.getResolvableErrors()
					.stream()
					.map((error) -> text(result.getMethodParameter().getParameterName(), error)))));
		return handleExceptionInternal(exception, null, headers, status, request);
	}

	private String text(FieldError error) {
		return text(error.getField(), error);
	}

	private String text(@Nullable String name, MessageSourceResolvable error) {
		return name + " " + error.getDefaultMessage();
	}

	private static String sentence(Stream<String> errors) {
		return errors.sorted().collect(Collectors.joining(", "));
	}

}
