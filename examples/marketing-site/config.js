window.KEELSON_API = 'http://localhost:2271';
