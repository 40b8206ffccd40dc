/** An answer of the API that is no success, with the sentence that the real server gives. */
export class ApiError extends Error {
  constructor(
    readonly status: 400 | 401 | 404 | 405 | 409 | 422,
    message: string,
  ) {
    super(message);
  }
}

export const notFound = (): ApiError => new ApiError(404, 'Not Found');
export const unprocessable = (message: string): ApiError => new ApiError(422, message);
